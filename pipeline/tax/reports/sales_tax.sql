-- Taxes on charges by state, county, city and district, as a return asks for them.
-- Grain: one row for each month of report, tax, jurisdiction and rate.
SELECT
    compliance_period,
    level,
    jurisdiction_id,
    jurisdiction,
    tax_id,
    label,
    rate,
    sum(base - exempt) AS taxable,
    sum(exempt) AS exempt,
    sum(tax_unrounded) AS tax_unrounded,
    sum(amount) AS tax
FROM tax_lines
WHERE tax_type NOT IN ('FUSF', 'FET', 'E911_STATE', 'E911_LOCAL', 'I988', 'PPP')
    AND compliance_period >= $first
    AND compliance_period < $after
GROUP BY ALL
ORDER BY compliance_period, jurisdiction_id, tax_id, rate
