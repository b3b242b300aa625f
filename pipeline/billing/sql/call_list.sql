-- The calls of documents as customers get them, in order of documents, then of time.
-- Where a record lay in its feed (row_id) is left out: the same calls make the same list.
-- Grain: document_id, cdr_id, sign.
SELECT
    document_id,
    sign,
    service_period,
    answered_at,
    trunk_id,
    direction,
    calling,
    called,
    destination,
    charge_kind,
    call_scope,
    call_seconds,
    billed_seconds,
    rate_per_minute,
    connection_fee,
    charge,
    coalesce(overage_seconds, 0) AS overage_seconds,
    coalesce(overage_charge, 0) AS overage_charge,
    currency,
    cdr_id
FROM listing
ORDER BY document_id, answered_at, cdr_id, sign
