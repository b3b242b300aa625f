-- Fees for each line (911, 988, public purpose): lines counted and fees due by jurisdiction.
-- Grain: one row for each month of report, tax, jurisdiction and fee.
SELECT
    compliance_period,
    tax_id,
    label,
    jurisdiction_id,
    jurisdiction,
    rate AS fee,
    sum(base)::DECIMAL(38, 0) AS lines,
    sum(exempt)::DECIMAL(38, 0) AS exempt_lines,
    sum(amount) AS due
FROM tax_lines
WHERE tax_type IN ('E911_STATE', 'E911_LOCAL', 'I988', 'PPP')
    AND compliance_period >= $first
    AND compliance_period < $after
GROUP BY ALL
ORDER BY compliance_period, jurisdiction_id, tax_id, fee
