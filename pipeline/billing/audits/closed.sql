-- Accounts whose month is closed.
-- Grain: account_id.
SELECT account_id, document_id, period, sequence
FROM billing_documents
WHERE period = getvariable('period') AND corrects IS NULL
