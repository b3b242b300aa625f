-- The calls of issued documents, with what the ledger says of them; `place` is the number of the document.
-- Grain: place, row_id, sign.
SELECT history.*, calls.document_id AS place, calls.sign, calls.overage_seconds, calls.overage_charge
FROM billing_calls AS calls
SEMI JOIN wanted_documents USING (document_id)
JOIN history USING (row_id)
