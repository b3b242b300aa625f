-- How many calls wait for an invoice, by account; closing works through so many at a time.
-- Grain: account_id.
SELECT account_id, count(*) AS calls
FROM waiting
SEMI JOIN closing USING (account_id)
GROUP BY account_id
