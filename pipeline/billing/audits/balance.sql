-- Every received record of the month has exactly one current row (PRODUCT.md, Money after rating 2).
-- Finds: records with several current rows, and rows that claim to replace a row that is not theirs or not there.
SELECT
    source AS place,
    partition || ':' || "offset" || ':' || record_index AS what,
    count(*) || ' current rows, expected 1' AS found
FROM current
WHERE period = getvariable('period')
GROUP BY source, partition, "offset", record_index
HAVING count(*) <> 1
UNION ALL
SELECT ledger.source, ledger.row_id, 'replaces ' || ledger.replaces || ', which is no row of the same record'
FROM ledger
ANTI JOIN ledger AS old
    ON old.row_id = ledger.replaces AND old.partition = ledger.partition AND old."offset" = ledger."offset"
    AND old.record_index = ledger.record_index
WHERE ledger.replaces IS NOT NULL
