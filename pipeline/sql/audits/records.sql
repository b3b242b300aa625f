-- Every received record has exactly one current row.
WITH rows AS (
    SELECT partition, "offset", record_index, count(*) AS rows FROM ledger GROUP BY partition, "offset", record_index
),
replaced AS (
    SELECT partition, "offset", record_index, count(DISTINCT ledger.row_id) AS replaced
    FROM ledger
    JOIN (SELECT replaces FROM ledger WHERE replaces IS NOT NULL) AS corrections ON ledger.row_id = corrections.replaces
    GROUP BY partition, "offset", record_index
)
SELECT partition, "offset", record_index, rows.rows - coalesce(replaced, 0) AS current_rows
FROM rows
LEFT JOIN replaced USING (partition, "offset", record_index)
WHERE rows.rows - coalesce(replaced, 0) <> 1
ORDER BY partition, "offset", record_index
