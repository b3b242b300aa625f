-- Calls that documents have, as the ledger says now, of all months that a correction touches.
-- Grain: row_id.
SELECT billable.*
FROM billable
SEMI JOIN touched USING (trunk_id, service_period)
SEMI JOIN billed USING (account_id, record_id)
