-- A correction replaces the row of the same record that came just before it, and no other correction does.
SELECT correction.row_id, correction.replaces
FROM ledger AS correction
LEFT JOIN ledger AS replaced
    ON correction.replaces = replaced.row_id
    AND correction.partition = replaced.partition
    AND correction."offset" = replaced."offset"
    AND correction.record_index = replaced.record_index
    AND correction.version = replaced.version + 1
WHERE (correction.replaces IS NULL) <> (correction.version = 0)
    OR (correction.replaces IS NOT NULL AND replaced.row_id IS NULL)
ORDER BY correction.row_id
