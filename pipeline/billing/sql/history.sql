-- Answered legs that somebody pays for, those that were replaced since included. `record_id` stays the same when a row
-- is replaced.
-- Grain: row_id.
SELECT
    row_id,
    version,
    partition,
    "offset",
    leg_partition,
    partition || ':' || "offset" || ':' || record_index AS record_id,
    account_id,
    period AS service_period,
    trunk_id,
    plan_id,
    service_address_id AS address_id,
    direction,
    destination,
    destination_country,
    number_class,
    charge_kind,
    rate_per_minute,
    connection_fee,
    initial_seconds,
    next_seconds,
    charge_decimals,
    charge_rounding,
    call_scope,
    taxing_state,
    coalesce(call_seconds, 0) AS call_seconds,
    coalesce(billed_seconds, 0) AS billed_seconds,
    coalesce(charge, 0) AS charge,
    currency,
    answered_at,
    cdr_id,
    calling,
    called
FROM ledger
WHERE state = 'RATED' AND account_id IS NOT NULL AND is_billed_leg AND answered_at IS NOT NULL
