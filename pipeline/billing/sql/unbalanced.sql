-- Accounts with calls from a source whose balance of this period is not zero: a record with two current rows, or a row
-- that claims to replace a row of another record.
-- Grain: account_id.
WITH doubled AS (
    SELECT source
    FROM current
    WHERE period = getvariable('period')
    GROUP BY source, partition, "offset", record_index
    HAVING count(*) > 1
),
astray AS (
    SELECT source
    FROM ledger
    WHERE replaces IS NOT NULL AND replaces NOT LIKE partition || ':' || "offset" || ':' || record_index || ':%'
),
suspect AS (
    SELECT source FROM doubled
    UNION
    SELECT source FROM astray
)
SELECT account_id, string_agg(DISTINCT source, ', ' ORDER BY source) AS sources
FROM usage
SEMI JOIN suspect USING (source)
WHERE account_id IS NOT NULL AND period = getvariable('period')
GROUP BY account_id
ORDER BY account_id
