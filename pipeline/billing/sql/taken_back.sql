-- Billed rows that are no longer what the ledger says: another row took their place.
-- Grain: row_id.
SELECT billed.row_id, billed.account_id, billed.record_id, billed.root
FROM billed
SEMI JOIN closing USING (account_id)
SEMI JOIN replaced USING (row_id)
