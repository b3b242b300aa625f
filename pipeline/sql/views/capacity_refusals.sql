-- Calls that an SBC refused because the trunk's channels were all in use, and answered calls above the limit.
-- Grain: day, account_id, trunk_id.
-- refused: calls refused for capacity; they cost nothing
-- over_limit: answered calls that were flagged OVER_CAPACITY; they stay billable
-- first_at: start of the first of either
-- last_at: start of the last of either
SELECT
    day,
    account_id,
    trunk_id,
    count(*) FILTER (answered_at IS NULL) AS refused,
    count(answered_at) AS over_limit,
    min(started_at) AS first_at,
    max(started_at) AS last_at
FROM usage
WHERE (answered_at IS NULL AND reject_class = 'CAPACITY')
    OR (answered_at IS NOT NULL AND list_contains(flags, 'OVER_CAPACITY'))
GROUP BY day, account_id, trunk_id
ORDER BY ALL
