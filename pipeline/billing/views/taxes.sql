-- Tax lines: who levies it, on what, at which rate, by which rule.
-- Grain: document_id, line_no.
SELECT
    document_id, document_type, period, issued_on, account_id, currency, line_no, tax_id, tax_type, text AS label, level,
    jurisdiction_id, jurisdiction, base, exempt, exempt_reason, rate, tax_unrounded, amount, tax_point, compliance_period,
    rounding, rule_citation, rate_citation, mark, law_version
FROM invoice_lines
WHERE kind = 'TAX'
