-- Calls on invoices and notes: `sign` 1 was billed, -1 taken back; the other columns are the ledger's.
-- Grain: document_id, row_id, sign.
SELECT calls.document_id, calls.sign, calls.overage_seconds, calls.overage_charge, ledger.*
FROM billing_calls AS calls
JOIN ledger USING (row_id)
