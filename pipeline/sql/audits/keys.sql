-- No two rated rows have one cdr_id: a record is billed once, wherever it was received.
SELECT cdr_id, count(*) AS rows
FROM usage
GROUP BY cdr_id
HAVING count(*) > 1
ORDER BY cdr_id
