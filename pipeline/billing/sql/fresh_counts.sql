-- How many calls wait for an invoice, by account; closing works through so many at a time.
-- Grain: account_id.
SELECT account_id, count(*) AS calls
FROM billable
SEMI JOIN closing USING (account_id)
ANTI JOIN billed USING (account_id, record_id)
WHERE service_period <= getvariable('period')
GROUP BY account_id
