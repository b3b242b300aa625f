-- Every row of the ledger's snapshot, those that a correction replaced included.
-- Grain: row_id.
SELECT * FROM ledger_rows
