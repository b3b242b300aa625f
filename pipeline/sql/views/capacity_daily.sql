-- Capacity of each trunk and local day of its account: exact peak, time above the limit, calls refused.
-- Grain: trunk_id, day.
-- channel_limit: the limit in force at the peak; null where the book knows none
-- peak: most calls in progress at once
-- peak_first_at: when that was first so
-- over_limit_ms: milliseconds with more calls than the limit
-- channel_ms: milliseconds of all calls together
-- answered_over_limit: calls answered while no channel was left; they are billable, and an alarm
-- refused: calls that an SBC refused because all channels were in use
WITH use_by_day AS (
    SELECT
        trunk_id,
        day,
        arg_max_null(channel_limit, (channels, -epoch_us(from_at))) AS channel_limit,
        max(channels) AS peak,
        arg_max(from_at, (channels, -epoch_us(from_at))) AS peak_first_at,
        coalesce(sum(epoch_us(until_at) - epoch_us(from_at)) FILTER (channels > channel_limit), 0)::BIGINT // 1000
            AS over_limit_ms,
        sum((epoch_us(until_at) - epoch_us(from_at)) * channels)::BIGINT // 1000 AS channel_ms
    FROM channel_use
    GROUP BY trunk_id, day
),
answers_over_limit AS (
    SELECT
        channel_use.trunk_id,
        channel_use.day,
        least(count(*), any_value(channel_use.channels - channel_use.channel_limit)) AS calls
    FROM channel_use
    JOIN usage ON usage.trunk_id = channel_use.trunk_id AND usage.answered_at = channel_use.from_at
    WHERE
        channel_use.channels > channel_use.channel_limit
        AND usage.is_billed_leg AND usage.direction IN ('OUTBOUND', 'INBOUND')
        AND coalesce(usage.released_at, usage.answered_at + to_milliseconds(usage.measured_ms)) > usage.answered_at
    GROUP BY channel_use.trunk_id, channel_use.day, channel_use.from_at
),
answers_by_day AS (
    SELECT trunk_id, day, sum(calls)::BIGINT AS answered_over_limit FROM answers_over_limit GROUP BY trunk_id, day
),
refusals_by_day AS (
    SELECT
        usage.trunk_id,
        timezone(coalesce(trunks.time_zone, 'UTC'), usage.started_at)::DATE AS day,
        count(*) AS refused
    FROM usage
    LEFT JOIN trunks USING (trunk_id)
    WHERE usage.answered_at IS NULL AND usage.reject_class = 'CAPACITY'
    GROUP BY ALL
)
SELECT
    trunk_id,
    day,
    channel_limit,
    coalesce(peak, 0) AS peak,
    CASE WHEN peak > 0 THEN peak_first_at END AS peak_first_at,
    coalesce(over_limit_ms, 0) AS over_limit_ms,
    coalesce(channel_ms, 0) AS channel_ms,
    coalesce(answered_over_limit, 0) AS answered_over_limit,
    coalesce(refused, 0) AS refused
FROM use_by_day
LEFT JOIN answers_by_day USING (trunk_id, day)
FULL JOIN refusals_by_day USING (trunk_id, day)
ORDER BY trunk_id, day
