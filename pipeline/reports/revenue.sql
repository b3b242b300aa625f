-- Charges of calls by destination and class of the number, as the ledger stands, before plan fees, overage and tax.
-- Grain: one row for each month, currency, direction, class, country and destination.
SELECT
    period,
    currency,
    direction,
    number_class,
    destination_country,
    destination,
    sum(calls)::BIGINT AS calls,
    sum(answered)::BIGINT AS answered,
    sum(billed_seconds)::BIGINT AS billed_seconds,
    sum(charge) AS charge
FROM usage_by_destination
WHERE period >= $first AND period < $after
GROUP BY period, currency, direction, number_class, destination_country, destination
ORDER BY period, currency, charge DESC, direction, number_class, destination_country, destination
