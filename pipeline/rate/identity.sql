-- What tells one record from another, as 64-bit hashes: one row for each record, in the order of arrival.
-- key     the record itself, two independent hashes of cdr_id
-- content the bytes that it was read from
-- "group" all records of one type of one call, from whichever node
-- stop_group  the group of this call's STOP records
-- chain   the parts of one leg: START, INTERIM, STOP, END; a record without leg_id is a leg of its own
-- node    who reported it
-- sound   not stopped by mediation, so it may be another report of a call, or part of a leg
SELECT
    hash(cdr_id)                       AS key_high,
    hash(reverse(cdr_id))              AS key_low,
    hash(raw_sha256::BLOB)             AS content,
    hash(call_group_id, record_type)   AS "group",
    hash(call_group_id, 'STOP')        AS stop_group,
    hash(call_group_id, coalesce(leg_id, cdr_id)) AS chain,
    hash(source, source_node)          AS node,
    answered_at IS NOT NULL            AS is_answered,
    coalesce(packets_in > 0, false) OR mos_x100 IS NOT NULL OR r_factor IS NOT NULL AS has_media,
    coalesce(NOT list_contains($unsound, reject_reason), true) AS sound
FROM cdrs
