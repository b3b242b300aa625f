-- Calls that an SBC refused because the trunk's channels were all in use; answered calls above the limit are in
-- `capacity_daily`.
-- Grain: day, account_id, trunk_id.
-- refused: calls refused for capacity; they cost nothing
-- first_at: start of the first one
-- last_at: start of the last one
SELECT
    day,
    account_id,
    trunk_id,
    count(*) AS refused,
    min(started_at) AS first_at,
    max(started_at) AS last_at
FROM usage
WHERE answered_at IS NULL AND reject_class = 'CAPACITY'
GROUP BY day, account_id, trunk_id
ORDER BY ALL
