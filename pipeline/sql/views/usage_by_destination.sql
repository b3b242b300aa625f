-- Calls, seconds and charges by where they went, and by the class of the priced number.
-- Grain: period, account_id, direction, charge_kind, number_class, destination_country, destination, currency.
-- calls: billed legs, answered or not
-- answered: billed legs that were answered
-- call_seconds: whole seconds before increments
-- billed_seconds: seconds after increments
-- charge: sum of the charges
SELECT
    period,
    account_id,
    direction,
    charge_kind,
    number_class,
    destination_country,
    destination,
    currency,
    count(*) FILTER (is_billed_leg) AS calls,
    count(answered_at) FILTER (is_billed_leg) AS answered,
    coalesce(sum(call_seconds), 0)::BIGINT AS call_seconds,
    coalesce(sum(billed_seconds), 0)::BIGINT AS billed_seconds,
    sum(charge) AS charge
FROM usage
GROUP BY
    period, account_id, direction, charge_kind, number_class, destination_country, destination, currency
ORDER BY ALL
