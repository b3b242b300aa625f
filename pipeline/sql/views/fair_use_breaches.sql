-- Months in which the calls within an UNLIMITED plan do not look like the calls of people: one that lasts very long, too
-- many short ones, or a short mean. The thresholds are the plan's; they are reported and never change a price.
-- Grain: trunk_id, period.
-- calls: answered calls within the plan
-- longest_seconds: seconds of the longest one
-- short_calls: calls of at most the plan's short_call_seconds
-- short_percent: their whole percent of the calls, rounded down
-- mean_seconds: mean seconds of a call, rounded down
-- breaches: LONG_CALL, SHORT_CALLS, SHORT_MEAN
WITH months AS (
    SELECT DISTINCT plan_id, period, (period || '-01')::TIMESTAMP + INTERVAL 1 MONTH AS month_end
    FROM usage
    WHERE charge_kind = 'INCLUDED'
),
thresholds AS (
    SELECT months.plan_id, months.period, plans.* EXCLUDE (plan_id)
    FROM months
    ASOF JOIN plans ON months.plan_id = plans.plan_id AND timezone('UTC', months.month_end) > plans.effective_from
),
used AS (
    SELECT
        usage.trunk_id,
        usage.period,
        any_value(usage.account_id) AS account_id,
        any_value(usage.plan_id) AS plan_id,
        count(*) AS calls,
        coalesce(max(call_seconds), 0)::BIGINT AS longest_seconds,
        count(*) FILTER (call_seconds <= short_call_seconds) AS short_calls,
        coalesce(sum(call_seconds), 0)::BIGINT AS seconds,
        any_value(long_call_seconds) AS long_call_seconds,
        any_value(short_call_percent) AS short_call_percent,
        any_value(mean_seconds_min) AS mean_seconds_min
    FROM usage
    JOIN thresholds USING (plan_id, period)
    WHERE usage.charge_kind = 'INCLUDED'
    GROUP BY usage.trunk_id, usage.period
),
judged AS (
    SELECT
        *,
        concat_ws(
            ' ',
            CASE WHEN longest_seconds > long_call_seconds THEN 'LONG_CALL' END,
            CASE WHEN short_calls * 100 > calls * short_call_percent THEN 'SHORT_CALLS' END,
            CASE WHEN seconds < calls * mean_seconds_min THEN 'SHORT_MEAN' END
        ) AS breaches
    FROM used
)
SELECT
    account_id,
    trunk_id,
    plan_id,
    period,
    calls,
    longest_seconds,
    short_calls,
    short_calls * 100 // calls AS short_percent,
    seconds // calls AS mean_seconds,
    breaches
FROM judged
WHERE breaches <> ''
ORDER BY trunk_id, period
