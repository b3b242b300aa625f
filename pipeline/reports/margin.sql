-- Charges of calls to the public network against what a supplier's deck asks for the same calls.
-- Calls within a plan bring no charge of their own, so their margin is their cost; plan fees are not in here.
-- Grain: one row for each month, currencies, class, country and destination. `margin` is null between two currencies.
SELECT
    usage.period,
    usage.currency,
    costs.currency AS cost_currency,
    usage.number_class,
    usage.destination_country,
    usage.destination,
    count(*) AS calls,
    count(*) FILTER (costs.cost IS NULL) AS calls_without_cost,
    sum(usage.charge) AS charge,
    sum(costs.cost) AS cost,
    CASE
        WHEN usage.currency = costs.currency
        THEN sum(usage.charge) FILTER (costs.cost IS NOT NULL) - sum(costs.cost)
    END AS margin
FROM usage
JOIN costs USING (row_id)
WHERE usage.period >= $first AND usage.period < $after
GROUP BY
    usage.period, usage.currency, costs.currency, usage.number_class, usage.destination_country, usage.destination
ORDER BY
    usage.period, usage.currency, margin, usage.number_class, usage.destination_country, usage.destination
