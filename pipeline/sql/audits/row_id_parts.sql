-- A row_id is made of partition, offset, record index and version.
SELECT row_id, partition, "offset", record_index, version
FROM ledger
WHERE row_id <> concat_ws(':', partition, "offset", record_index, version)
ORDER BY row_id
