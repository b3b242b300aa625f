-- Records that could not be priced, each with one reason, for correction and replay.
-- Grain: row_id.
SELECT
    row_id, version, day, period, reject_reason, reject_detail,
    source, source_format, source_node, partition, "offset", record_index, received_at,
    cdr_id, call_group_id, record_type, direction, calling, called, calling_raw, called_raw,
    claimed_trunk_id, user_name, provider_id, source_ip,
    started_at, answered_at, released_at, measured_ms, flags, raw, raw_sha256, book_hash, rated_at, author, note
FROM current
WHERE state = 'REJECTED'
