-- Calls, seconds and charges of each trunk and UTC day of the answer (else of the start).
-- Grain: day, account_id, trunk_id, direction, charge_kind, currency.
-- calls: billed legs, answered or not
-- answered: billed legs that were answered
-- call_seconds: whole seconds before increments
-- billed_seconds: seconds after increments
-- charge: sum of the charges
SELECT
    day,
    account_id,
    trunk_id,
    direction,
    charge_kind,
    currency,
    count(*) FILTER (is_billed_leg) AS calls,
    count(answered_at) FILTER (is_billed_leg) AS answered,
    coalesce(sum(call_seconds), 0)::BIGINT AS call_seconds,
    coalesce(sum(billed_seconds), 0)::BIGINT AS billed_seconds,
    sum(charge) AS charge
FROM usage
GROUP BY day, account_id, trunk_id, direction, charge_kind, currency
ORDER BY ALL
