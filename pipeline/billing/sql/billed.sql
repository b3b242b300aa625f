-- Rows of the usage ledger that stand on a document: billed and not taken back. `root` is the invoice that the
-- document belongs to: itself, or the one that it corrects.
-- Grain: row_id, account_id.
SELECT
    calls.row_id,
    calls.account_id,
    regexp_replace(calls.row_id, ':[0-9]+$', '') AS record_id,
    min(coalesce(documents.corrects, documents.document_id)) AS root
FROM billing_calls AS calls
JOIN billing_documents AS documents USING (document_id)
GROUP BY calls.row_id, calls.account_id
HAVING sum(calls.sign) > 0
