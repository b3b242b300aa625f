-- Every received record as its canonical CDR, whatever became of it; prices are in `usage`.
-- Grain: row_id.
SELECT
    * EXCLUDE (
        version, replaces, leg_partition, rated_at, book_hash, author, note,
        account_id, trunk_id, plan_id, package, service_address_id, service_address_version,
        priced_direction, charge_kind, number_class, destination_country, destination_state,
        deck_id, deck_row, prefix, destination, rate_per_minute, connection_fee, initial_seconds, next_seconds,
        seconds_rounding, charge_decimals, charge_rounding, call_seconds, billed_seconds, charge, currency, rule_ids,
        call_scope, origin_country, origin_state, termination_country, termination_state, taxing_state
    )
FROM current
