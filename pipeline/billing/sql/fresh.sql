-- Calls of these accounts that no document has.
-- Grain: row_id.
SELECT waiting.*, NULL::VARCHAR AS root
FROM waiting
SEMI JOIN closing USING (account_id)
