-- Parts that another row prices; `duplicate_of` is the cdr_id of the call's STOP.
-- Grain: row_id.
SELECT
    row_id, duplicate_of, cdr_id, call_group_id, leg_id, record_type, part_no, day, period,
    source, source_format, source_node, partition, "offset", record_index, received_at,
    direction, calling, called, started_at, answered_at, released_at, measured_ms, raw, raw_sha256
FROM current
WHERE state = 'MERGED'
