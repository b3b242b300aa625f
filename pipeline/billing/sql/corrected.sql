-- Invoices of these accounts whose calls are no longer what the ledger says.
-- Grain: account_id, root.
SELECT DISTINCT account_id, root FROM taken_back
