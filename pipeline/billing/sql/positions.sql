-- How far each feed had been read when this close looked: the last record of every raw partition in the ledger.
-- Grain: leg_partition, raw_partition.
SELECT leg_partition, partition AS raw_partition, max("offset") AS raw_offset
FROM ledger
WHERE period <= getvariable('period')
GROUP BY leg_partition, partition
ORDER BY ALL
