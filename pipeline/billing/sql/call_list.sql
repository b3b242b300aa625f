-- The calls of documents as customers get them, document by document, in order of time. `line` is the call as a line of
-- the CSV file; a document names that file by its hash. Where a record lay in its feed is left out, so that the same
-- calls make the same list. The time is written as one without a zone, in UTC, which takes a quarter of the time.
-- Grain: place, cdr_id, sign.
WITH listed AS (
    SELECT
        place,
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
)
SELECT
    *,
    concat(
        sign, ',', service_period, ',', make_timestamp(epoch_us(answered_at)), '+00,', csv_text(trunk_id), ',',
        direction, ',', csv_text(calling), ',',
        csv_text(called), ',', csv_text(destination), ',', charge_kind, ',', call_scope, ',', call_seconds, ',',
        billed_seconds, ',', rate_per_minute, ',', connection_fee, ',', charge, ',', overage_seconds, ',',
        overage_charge, ',', currency, ',', csv_text(cdr_id), chr(10)
    ) AS line
FROM listed
ORDER BY place, answered_at, cdr_id, sign, charge, call_seconds
