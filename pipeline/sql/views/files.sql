-- Files that the spool has loaded, and what became of their records.
-- Grain: partition.
-- records: records of the file, each counted once
-- rated: records that are priced
-- rejected: records that are not, those of a file that was rolled back included
-- outcome: WHOLE; PARTIAL where a line ends early, a quote is open or totals are wrong (R29); or ROLLED_BACK
-- last_line: number of the last line that became a record
-- loaded_at: when the last of its records was received
SELECT
    partition,
    any_value(source) AS source,
    count(*) AS records,
    count(*) FILTER (state = 'RATED') AS rated,
    count(*) FILTER (state = 'REJECTED') AS rejected,
    CASE
        WHEN bool_and(coalesce(reject_reason = 'ROLLED_BACK', false)) THEN 'ROLLED_BACK'
        WHEN bool_or(coalesce(reject_reason IN ('TRUNCATED', 'BAD_QUOTE', 'FILE_TOTALS'), false)) THEN 'PARTIAL'
        ELSE 'WHOLE'
    END AS outcome,
    max("offset") AS last_line,
    max(received_at) AS loaded_at
FROM current
WHERE contains(partition, '@')
GROUP BY partition
ORDER BY partition
