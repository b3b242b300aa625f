-- Records that repeat another one; `duplicate_of` is the cdr_id of the record that was kept.
-- Grain: row_id.
SELECT
    row_id, duplicate_of, cdr_id, day, period, source, source_format, source_node, partition, "offset", record_index,
    received_at, call_group_id, record_type, direction, calling, called, started_at, answered_at, released_at,
    measured_ms, raw, raw_sha256
FROM current
WHERE state = 'DUPLICATE'
