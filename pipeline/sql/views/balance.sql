-- Conservation: every received record has exactly one current row, with one of five states.
-- Grain: source, period.
-- received: records that arrived, each counted once under the period of its latest row
-- rated: current rows of state RATED
-- rejected: current rows of state REJECTED
-- duplicate: current rows of state DUPLICATE
-- pending: current rows of state PENDING
-- merged: current rows of state MERGED
-- difference: received less the five states; 0, or rows were lost or doubled
WITH records AS (
    SELECT source, arg_max(period, version) AS period
    FROM ledger
    GROUP BY source, partition, "offset", record_index
),
received AS (
    SELECT source, period, count(*) AS received FROM records GROUP BY source, period
),
outcomes AS (
    SELECT
        source,
        period,
        count(*) FILTER (state = 'RATED') AS rated,
        count(*) FILTER (state = 'REJECTED') AS rejected,
        count(*) FILTER (state = 'DUPLICATE') AS duplicate,
        count(*) FILTER (state = 'PENDING') AS pending,
        count(*) FILTER (state = 'MERGED') AS merged
    FROM current
    GROUP BY source, period
)
SELECT
    source,
    period,
    coalesce(received, 0) AS received,
    coalesce(rated, 0) AS rated,
    coalesce(rejected, 0) AS rejected,
    coalesce(duplicate, 0) AS duplicate,
    coalesce(pending, 0) AS pending,
    coalesce(merged, 0) AS merged,
    coalesce(received, 0)
    - coalesce(rated, 0) - coalesce(rejected, 0) - coalesce(duplicate, 0) - coalesce(pending, 0) - coalesce(merged, 0)
        AS difference
FROM received
FULL JOIN outcomes USING (source, period)
ORDER BY source, period
