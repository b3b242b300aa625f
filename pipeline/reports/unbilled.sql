-- Answered calls that stand on no document yet: the month that runs, and late ones of months that are closed.
-- Charges are those of the ledger; fair use, plan fees and tax are added at close.
-- Grain: one row for each month of service, account, currency and charge kind.
SELECT
    service_period,
    account_id,
    currency,
    charge_kind,
    count(*) AS calls,
    sum(billed_seconds)::BIGINT AS billed_seconds,
    sum(charge) AS charge
FROM billable
ANTI JOIN billed USING (account_id, record_id)
WHERE service_period >= $first AND service_period < $after
GROUP BY service_period, account_id, currency, charge_kind
ORDER BY service_period, account_id, currency, charge_kind
