-- Fair use of UNLIMITED trunks so far: seconds of the calls within the plan against the allowance of the month.
-- Provisional while the month runs; `trunkline close` computes the split of the crossing call exactly.
-- The allowance is minutes per channel x 60 x channel-days / days of the month, rounded down to a second; a limit counts
-- from its first local day on, the last day of a trunk no longer counts.
-- Grain: trunk_id, period.
-- used_seconds: whole seconds of the included calls
-- allowance_seconds: seconds that the plan includes for the whole month; null where the book does not know the trunk
-- used_percent: whole percent of the allowance, rounded down; null where there is none
-- alert: OVER from 100 percent on, NEAR from 80 percent on, else null
WITH used AS (
    SELECT
        trunk_id,
        period,
        any_value(account_id) AS account_id,
        any_value(plan_id) AS plan_id,
        coalesce(sum(call_seconds), 0)::BIGINT AS used_seconds
    FROM usage
    WHERE charge_kind = 'INCLUDED'
    GROUP BY trunk_id, period
),
days AS (
    SELECT
        used.trunk_id,
        used.plan_id,
        used.period,
        trunks.time_zone,
        timezone(trunks.time_zone, trunks.effective_until)::DATE AS last_day,
        unnest(generate_series(
            (used.period || '-01')::DATE, (used.period || '-01')::DATE + INTERVAL 1 MONTH - INTERVAL 1 DAY,
            INTERVAL 1 DAY
        ))::DATE AS day
    FROM used
    JOIN trunks USING (trunk_id)
),
limits AS (
    SELECT trunk_id, timezone(time_zone, trunk_limits.effective_from)::DATE AS first_day, channel_limit
    FROM trunk_limits
    JOIN trunks USING (trunk_id)
    QUALIFY row_number() OVER (
        PARTITION BY trunk_id, first_day ORDER BY trunk_limits.effective_from DESC
    ) = 1
),
channel_days AS (
    SELECT
        days.trunk_id,
        days.plan_id,
        days.period,
        any_value(days.time_zone) AS time_zone,
        count(*) AS days,
        coalesce(sum(channel_limit) FILTER (last_day IS NULL OR day < last_day), 0)::BIGINT AS channel_days
    FROM days
    ASOF LEFT JOIN limits ON days.trunk_id = limits.trunk_id AND days.day >= limits.first_day
    GROUP BY days.trunk_id, days.plan_id, days.period
),
allowances AS (
    SELECT
        channel_days.trunk_id,
        channel_days.period,
        plans.minutes_per_channel * 60 * channel_days // days AS allowance_seconds
    FROM channel_days
    ASOF JOIN plans
        ON channel_days.plan_id = plans.plan_id
        AND timezone(channel_days.time_zone, (channel_days.period || '-01')::TIMESTAMP + INTERVAL 1 MONTH)
            > plans.effective_from
)
SELECT
    used.account_id,
    used.trunk_id,
    used.period,
    used.used_seconds,
    allowances.allowance_seconds,
    used.used_seconds * 100 // nullif(allowances.allowance_seconds, 0) AS used_percent,
    CASE
        WHEN used.used_seconds >= allowances.allowance_seconds THEN 'OVER'
        WHEN used.used_seconds * 100 >= allowances.allowance_seconds * 80 THEN 'NEAR'
    END AS alert
FROM used
LEFT JOIN allowances USING (trunk_id, period)
ORDER BY used.trunk_id, used.period
