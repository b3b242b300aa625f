-- Calls that no document has, of the accounts of one step of a large close.
-- Grain: row_id.
SELECT * EXCLUDE (step)
FROM read_parquet(getvariable('step_files'), hive_partitioning = true)
WHERE step = getvariable('step')::INTEGER
