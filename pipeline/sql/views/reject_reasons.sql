-- Rejects by reason and feed, the most frequent first.
-- Grain: reject_reason, source.
-- records: rejected records
-- first_received_at: arrival of the first of them
-- last_received_at: arrival of the last of them
-- example: row_id of the last of them, for `trunkline rejects show`
SELECT
    reject_reason,
    source,
    count(*) AS records,
    min(received_at) AS first_received_at,
    max(received_at) AS last_received_at,
    arg_max(row_id, (received_at, row_id)) AS example
FROM rejects
GROUP BY reject_reason, source
ORDER BY records DESC, reject_reason, source
