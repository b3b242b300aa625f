-- Interstate and international revenue on which the federal contribution was passed on, for forms 499-A and 499-Q.
-- Grain: one row for each month of report and factor. Exempt revenue is that of resellers with a certificate.
SELECT
    compliance_period,
    rate AS factor,
    sum(base) AS revenue,
    sum(exempt) AS reseller_revenue,
    sum(base - exempt) AS assessed_revenue,
    sum(tax_unrounded) AS contribution,
    sum(amount) AS billed
FROM tax_lines
WHERE tax_type = 'FUSF'
    AND compliance_period >= $first
    AND compliance_period < $after
GROUP BY compliance_period, rate
ORDER BY compliance_period, rate
