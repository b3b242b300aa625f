-- A row_id is unique.
SELECT row_id, count(*) AS rows
FROM ledger
GROUP BY row_id
HAVING count(*) > 1
ORDER BY row_id
