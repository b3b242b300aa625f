-- Parts that wait for the rest of their call.
-- Grain: row_id.
SELECT
    row_id, cdr_id, call_group_id, leg_id, record_type, part_no, closing_reason, day, period,
    source, source_format, source_node, partition, "offset", record_index, received_at,
    direction, calling, called, started_at, answered_at, released_at, measured_ms, provable_ms, raw, raw_sha256
FROM current
WHERE state = 'PENDING'
