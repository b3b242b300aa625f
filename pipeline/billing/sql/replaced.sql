-- Rows that another row takes the place of.
-- Grain: row_id.
SELECT DISTINCT replaces AS row_id FROM ledger WHERE replaces IS NOT NULL
