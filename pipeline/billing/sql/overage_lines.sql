-- Overage summed to the lines of a document.
-- Grain: account_id and all columns up to is_at_ppu.
SELECT
    account_id,
    currency,
    'OVERAGE' AS kind,
    service_period,
    trunk_id,
    plan_id,
    address_id,
    direction,
    destination,
    destination_country,
    rate_per_minute,
    'OVERAGE' AS charge_class,
    call_scope,
    taxing_state,
    direction IS DISTINCT FROM 'FORWARD' AS is_at_ppu,
    count(*) AS calls,
    sum(overage_seconds)::BIGINT AS call_seconds,
    sum(overage_billed_seconds)::BIGINT AS billed_seconds,
    sum(overage_charge) AS amount_exact
FROM summed_overage
GROUP BY ALL
ORDER BY ALL
