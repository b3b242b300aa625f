-- Documents of accounts that have their invoice of a month: that invoice, its notes, and the notes on earlier invoices
-- that were issued together with it. Their files are written again.
-- Grain: document_id.
WITH invoices AS (
    SELECT account_id, issued_on FROM billing_documents WHERE period = $period AND corrects IS NULL
)
SELECT documents.*
FROM billing_documents AS documents
JOIN invoices USING (account_id)
WHERE documents.period = $period OR (documents.corrects IS NOT NULL AND documents.issued_on = invoices.issued_on)
ORDER BY documents.sequence
