-- Each feed: what it sent, when it was last heard, what its longest silence was, what could not be priced.
-- Grain: source.
-- records: records received
-- first_received_at: arrival of the first record
-- last_received_at: arrival of the last record
-- per_hour: records per hour between those two, rounded down
-- behind_seconds: how long after the end of its call the last record came
-- longest_silence_minutes: longest time between two records so far, in whole minutes
-- rated: records that are priced
-- rejected: records that could not be priced
-- rejected_per_million: share of those, rounded down
-- missing: sequence numbers that its nodes skipped and that have not come since
WITH heard AS (
    SELECT DISTINCT source, date_trunc('minute', received_at) AS minute FROM ledger WHERE version = 0
),
silences AS (
    SELECT
        source,
        date_diff('minute', minute, lead(minute) OVER (PARTITION BY source ORDER BY minute)) AS minutes
    FROM heard
),
longest AS (
    SELECT source, coalesce(max(minutes), 0) AS longest_silence_minutes FROM silences GROUP BY source
),
gaps AS (
    SELECT source, sum(missing)::BIGINT AS missing FROM sequence_gaps GROUP BY source
),
records AS (
    SELECT
        source,
        count(*) AS records,
        min(received_at) AS first_received_at,
        max(received_at) AS last_received_at,
        arg_max(coalesce(released_at, answered_at, started_at), received_at) AS last_happened_at,
        count(*) FILTER (state = 'RATED') AS rated,
        count(*) FILTER (state = 'REJECTED') AS rejected
    FROM current
    GROUP BY source
)
SELECT
    source,
    records,
    first_received_at,
    last_received_at,
    records * 3600 // nullif(date_diff('second', first_received_at, last_received_at), 0) AS per_hour,
    date_diff('second', last_happened_at, last_received_at) AS behind_seconds,
    longest_silence_minutes,
    rated,
    rejected,
    rejected * 1000000 // records AS rejected_per_million,
    coalesce(missing, 0) AS missing
FROM records
JOIN longest USING (source)
LEFT JOIN gaps USING (source)
ORDER BY source
