-- Accounts with calls of this month or before that the book does not have.
-- Grain: account_id.
SELECT account_id, count(*) AS calls
FROM billable
ANTI JOIN accounts USING (account_id)
WHERE service_period <= getvariable('period')
GROUP BY account_id
ORDER BY account_id
