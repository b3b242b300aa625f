-- Months of trunks that were billed and have changed since: by late calls, or by corrections of an invoice.
-- Grain: account_id, trunk_id, service_period.
SELECT account_id, trunk_id, service_period
FROM selected
WHERE service_period < getvariable('period')
UNION
SELECT lines.account_id, lines.trunk_id, lines.service_period
FROM billing_lines AS lines
JOIN billing_documents AS documents USING (document_id)
SEMI JOIN corrected
    ON corrected.account_id = documents.account_id
    AND corrected.root = coalesce(documents.corrects, documents.document_id)
WHERE lines.trunk_id IS NOT NULL
ORDER BY ALL
