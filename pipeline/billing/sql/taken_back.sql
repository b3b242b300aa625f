-- Billed rows that are no longer what the ledger says: another row took their place. With the variable
-- `corrected_period`, only those of the invoices of that month.
-- Grain: row_id.
SELECT billed.row_id, billed.account_id, billed.record_id, billed.root
FROM billed
SEMI JOIN closing USING (account_id)
SEMI JOIN replaced USING (row_id)
SEMI JOIN (
    SELECT document_id AS root FROM billing_documents WHERE period = coalesce(getvariable('corrected_period'), period)
) AS invoices USING (root)
