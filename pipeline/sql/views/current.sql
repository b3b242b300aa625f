-- The ledger as it stands: every row that no other row replaces, one for each received record.
-- Grain: row_id.
SELECT ledger.*
FROM ledger
ANTI JOIN (SELECT replaces AS row_id FROM ledger WHERE replaces IS NOT NULL) AS replaced USING (row_id)
