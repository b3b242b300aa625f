-- Priced calls that look like another one under a second name (mediation rule R42): the same two parties, begun within a
-- second of each other, of the same length. Both are billed; a person decides.
-- Grain: row_id.
-- suspected_of: cdr_id of the call that began first
-- apart_ms: how much later this one began
-- suspect: SUSPECT_DUP, as a flag would say it
WITH calls AS (
    SELECT *
    FROM current
    WHERE state = 'RATED'
        AND is_billed_leg
        AND answered_at IS NOT NULL
        AND started_at IS NOT NULL
        AND calling IS NOT NULL
        AND called IS NOT NULL
),
-- Legs of one call share their parties by nature, so of each call only the first leg is compared with other calls.
firsts AS (
    SELECT *
    FROM calls
    QUALIFY row_number() OVER (
        PARTITION BY calling, called, measured_ms, call_group_id ORDER BY started_at, received_at, row_id
    ) = 1
),
compared AS (
    SELECT
        *,
        lag(cdr_id) OVER by_start AS suspected_of,
        date_diff('millisecond', lag(started_at) OVER by_start, started_at) AS apart_ms,
        lag(started_at) OVER by_start AS before
    FROM firsts
    WINDOW by_start AS (PARTITION BY calling, called, measured_ms ORDER BY started_at, received_at, row_id)
)
SELECT
    row_id, suspected_of, apart_ms, 'SUSPECT_DUP' AS suspect, cdr_id, call_group_id, day, period, source, source_format,
    source_node, partition, "offset", record_index, received_at, account_id, trunk_id, direction, calling, called,
    started_at, answered_at, released_at, measured_ms, charge, currency
FROM compared
WHERE epoch_us(started_at) - epoch_us(before) <= 1000000
ORDER BY started_at, row_id
