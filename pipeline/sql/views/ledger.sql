-- Every row of the ledger's snapshot, those that a correction replaced included.
-- Grain: row_id.
-- direction: as the leg was priced; as the record says it where it was not
SELECT * REPLACE (coalesce(priced_direction, direction) AS direction) FROM ledger_rows
