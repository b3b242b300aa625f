-- What the ledger says now of the calls of these accounts that documents have: billed rows, and what replaced them.
-- Grain: row_id.
SELECT billable.*, billed.root, billable.row_id <> billed.row_id AS is_replacement
FROM billable
JOIN billed USING (account_id, record_id)
SEMI JOIN corrected ON corrected.account_id = billed.account_id AND corrected.root = billed.root
