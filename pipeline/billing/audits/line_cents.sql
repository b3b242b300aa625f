-- A line is the rounded sum of its exact amount; its parts on several documents together are.
SELECT
    account_id AS place,
    string_agg(DISTINCT document_id, ', ' ORDER BY document_id) AS what,
    kind || ' ' || coalesce(destination, '') || ': ' || sum(amount) || ' for exactly ' || sum(amount_exact) AS found
FROM billing_lines
WHERE kind IN ('USAGE', 'OVERAGE', 'INCLUDED', 'FREE')
GROUP BY
    account_id, kind, service_period, trunk_id, plan_id, address_id, direction, destination, destination_country,
    rate_per_minute, charge_class, call_scope, taxing_state, is_at_ppu
HAVING sum(amount) <> round(sum(amount_exact), 2)
