-- How many channels of each trunk were in use, from each instant at which that changed to the next.
-- An answered call to or from the customer holds a channel over [answered_at, released_at): an end and a start in the
-- same instant do not overlap. Midnight and a new limit begin a new stretch too. FORWARD legs use no channel.
-- Grain: trunk_id, from_at.
-- day: local day of the account
-- from_at: when the stretch begins
-- until_at: when the next stretch begins
-- channels: calls in progress
-- channel_limit: limit in force; null where the book knows none
WITH calls AS (
    SELECT
        trunk_id,
        answered_at,
        coalesce(released_at, answered_at + to_milliseconds(measured_ms)) AS released_at
    FROM usage
    WHERE is_billed_leg AND answered_at IS NOT NULL AND direction IN ('OUTBOUND', 'INBOUND')
),
spans AS (
    SELECT
        trunk_id,
        coalesce(any_value(time_zone), 'UTC') AS time_zone,
        min(answered_at) AS first_at,
        max(released_at) AS last_at
    FROM calls
    LEFT JOIN trunks USING (trunk_id)
    GROUP BY trunk_id
),
midnights AS (
    SELECT
        trunk_id,
        timezone(time_zone, unnest(generate_series(
            timezone(time_zone, first_at)::DATE::TIMESTAMP, timezone(time_zone, last_at), INTERVAL 1 DAY
        ))) AS instant
    FROM spans
),
changes AS (
    SELECT trunk_id, answered_at AS instant, 1 AS change FROM calls WHERE answered_at < released_at
    UNION ALL
    SELECT trunk_id, released_at AS instant, -1 AS change FROM calls WHERE answered_at < released_at
    UNION ALL
    SELECT trunk_id, instant, 0 AS change FROM midnights
    UNION ALL
    SELECT trunk_id, effective_from AS instant, 0 AS change
    FROM trunk_limits
    JOIN spans USING (trunk_id)
    WHERE effective_from > first_at AND effective_from < last_at
),
-- Of changes in one instant only the last has an end after its beginning, and its running sum holds them all.
stretches AS (
    SELECT
        trunk_id,
        instant AS from_at,
        lead(instant) OVER by_time AS until_at,
        sum(change) OVER by_time AS channels
    FROM changes
    WINDOW by_time AS (PARTITION BY trunk_id ORDER BY instant ROWS UNBOUNDED PRECEDING)
    QUALIFY until_at > from_at
)
SELECT
    stretches.trunk_id,
    timezone(spans.time_zone, stretches.from_at)::DATE AS day,
    stretches.from_at,
    stretches.until_at,
    stretches.channels::BIGINT AS channels,
    trunk_limits.channel_limit
FROM stretches
JOIN spans USING (trunk_id)
LEFT JOIN trunk_limits
    ON stretches.trunk_id = trunk_limits.trunk_id
    AND stretches.from_at >= trunk_limits.effective_from
    AND (trunk_limits.effective_until IS NULL OR stretches.from_at < trunk_limits.effective_until)
