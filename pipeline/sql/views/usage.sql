-- Priced legs: what invoices are made of. Attempts and legs that cost nothing of their own are here with charge 0.
-- Grain: row_id.
SELECT * EXCLUDE (state, duplicate_of, raw, reject_reason, reject_detail)
FROM current
WHERE state = 'RATED'
