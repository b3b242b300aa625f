-- Calls summed to the lines of a document: alike in everything that the customer or a tax rule can see.
-- Grain: account_id, root and all columns up to is_at_ppu.
SELECT
    account_id,
    root,
    currency,
    CASE charge_kind WHEN 'METERED' THEN 'USAGE' ELSE charge_kind END AS kind,
    service_period,
    trunk_id,
    plan_id,
    address_id,
    direction,
    destination,
    destination_country,
    CASE charge_kind WHEN 'METERED' THEN rate_per_minute END AS rate_per_minute,
    CASE number_class WHEN 'TOLL_FREE' THEN 'TOLLFREE_USAGE' ELSE 'USAGE' END AS charge_class,
    CASE charge_kind WHEN 'METERED' THEN call_scope END AS call_scope,
    CASE charge_kind WHEN 'METERED' THEN taxing_state END AS taxing_state,
    direction IS DISTINCT FROM 'FORWARD' AS is_at_ppu,
    count(*) AS calls,
    sum(call_seconds)::BIGINT AS call_seconds,
    sum(CASE charge_kind WHEN 'METERED' THEN billed_seconds ELSE call_seconds END)::BIGINT AS billed_seconds,
    sum(charge) AS amount_exact
FROM summed
GROUP BY ALL
ORDER BY ALL
