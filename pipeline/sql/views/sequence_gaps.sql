-- Sequence numbers that a node skipped (mediation rule R15). A gap closes itself when its records arrive.
-- A counter that falls by more than a thousand from one hour of calls to the next has started again: a new epoch, which
-- is compared only with itself. The middle of its hours falls too, in this hour or the one before: where it rises, the
-- highest number belongs to a record with a wrong time. Asterisk also numbers channels that it writes no record of, so it is left out.
-- A record whose time nobody believes (FUTURE, TOO_OLD) closes a gap wherever it fits, and begins no epoch.
-- Grain: source, source_node, epoch, first_missing.
-- epoch: 0, then one more each time that the counter started again
-- first_missing: first number that is missing
-- last_missing: last number that is missing
-- missing: how many numbers those are
WITH received AS (
    SELECT
        source,
        source_node,
        date_trunc('hour', coalesce(released_at, started_at, received_at)) AS hour,
        record_seq,
        coalesce(reject_reason NOT IN ('FUTURE', 'TOO_OLD'), true) AS has_time
    FROM ledger
    WHERE version = 0 AND record_seq IS NOT NULL AND source_format <> 'asterisk_csv'
),
numbered AS (
    SELECT source, source_node, hour, record_seq FROM received WHERE has_time
),
hours AS (
    SELECT
        source,
        source_node,
        hour,
        min(record_seq) AS lowest,
        max(record_seq) AS highest,
        quantile_disc(record_seq, 0.5) AS middle
    FROM numbered
    GROUP BY source, source_node, hour
),
falls AS (
    SELECT
        *,
        lag(highest) OVER by_hour - highest > 1000
            AND coalesce(
                lag(middle) OVER by_hour - middle > 1000
                OR lag(middle, 2) OVER by_hour - lag(middle) OVER by_hour > 1000,
                true
            )
            AS has_fallen
    FROM hours
    WINDOW by_hour AS (PARTITION BY source, source_node ORDER BY hour)
),
counted AS (
    SELECT
        *,
        coalesce(has_fallen, false) AS starts_again,
        lead(lowest) OVER by_hour AS next_lowest,
        coalesce(lead(has_fallen) OVER by_hour, false) AS ends_here
    FROM falls
    WINDOW by_hour AS (PARTITION BY source, source_node ORDER BY hour)
),
epochs AS (
    SELECT
        *,
        count(*) FILTER (starts_again) OVER (PARTITION BY source, source_node ORDER BY hour) AS epoch
    FROM counted
),
-- Numbers below those of the next hour, in the hour in which a counter started again, are the first after it did.
numbers AS (
    SELECT DISTINCT
        numbered.source,
        numbered.source_node,
        epoch + (ends_here AND record_seq < next_lowest)::BIGINT AS epoch,
        record_seq
    FROM numbered
    JOIN epochs
        ON numbered.source = epochs.source
        AND numbered.source_node IS NOT DISTINCT FROM epochs.source_node
        AND numbered.hour = epochs.hour
    UNION
    SELECT received.source, received.source_node, epoch, record_seq
    FROM received
    JOIN epochs
        ON received.source = epochs.source
        AND received.source_node IS NOT DISTINCT FROM epochs.source_node
    WHERE NOT has_time
    GROUP BY ALL
    HAVING record_seq BETWEEN min(lowest) AND max(highest)
),
thousands AS (
    SELECT source, source_node, epoch, record_seq // 1000 AS thousand, count(*) = 1000 AS is_whole
    FROM numbers
    GROUP BY source, source_node, epoch, thousand
),
runs AS (
    SELECT source, source_node, epoch, thousand * 1000 AS first_seq, thousand * 1000 + 999 AS last_seq
    FROM thousands
    WHERE is_whole
    UNION ALL
    SELECT numbers.source, numbers.source_node, numbers.epoch, record_seq AS first_seq, record_seq AS last_seq
    FROM numbers
    JOIN thousands
        ON numbers.source = thousands.source
        AND numbers.source_node IS NOT DISTINCT FROM thousands.source_node
        AND numbers.epoch = thousands.epoch
        AND numbers.record_seq // 1000 = thousands.thousand
    WHERE NOT is_whole
),
neighbours AS (
    SELECT
        *,
        lag(last_seq) OVER (PARTITION BY source, source_node, epoch ORDER BY first_seq) AS before
    FROM runs
)
SELECT
    source,
    source_node,
    epoch,
    before + 1 AS first_missing,
    first_seq - 1 AS last_missing,
    first_seq - before - 1 AS missing
FROM neighbours
WHERE first_seq > before + 1
ORDER BY source, source_node, epoch, first_missing
