-- Answered legs that somebody pays for, as the ledger stands now.
-- Grain: row_id.
SELECT history.* FROM history ANTI JOIN replaced USING (row_id)
