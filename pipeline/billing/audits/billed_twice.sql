-- No row of the ledger is on two documents, and none is taken back that was not billed.
SELECT
    account_id AS place,
    row_id AS what,
    'billed ' || count(*) FILTER (sign = 1) || ' times, taken back ' || count(*) FILTER (sign = -1)
    || ' times: ' || string_agg(document_id, ', ' ORDER BY document_id) AS found
FROM billing_calls
GROUP BY account_id, row_id
HAVING count(*) FILTER (sign = 1) <> 1 OR count(*) FILTER (sign = -1) > 1
