-- Lines that are no tax: plan fees, usage, included calls, overage, adjustments.
-- Grain: document_id, line_no.
SELECT * EXCLUDE (
    tax_id, tax_type, level, jurisdiction_id, jurisdiction, base, exempt, exempt_reason, rate, tax_unrounded, tax_point,
    compliance_period, rounding, rule_citation, rate_citation, mark, law_version
)
FROM invoice_lines
WHERE kind <> 'TAX'
