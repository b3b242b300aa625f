-- Gaps in the numbers of nodes, as the truth has them and as the view `sequence_gaps` finds them; rows that differ.
-- A number is there when a record with it became a CDR; one that was lost, or could not be read, is missing.
-- Grain: source, source_node, first_missing, last_missing.
WITH numbers AS (
    SELECT DISTINCT source, node AS source_node, sequence
    FROM truth
    WHERE sequence IS NOT NULL AND cdr_id IS NOT NULL
),
neighbours AS (
    SELECT source, source_node, sequence,
           lag(sequence) OVER (PARTITION BY source, source_node ORDER BY sequence) AS before
    FROM numbers
),
expected AS (
    SELECT source, source_node, before + 1 AS first_missing, sequence - 1 AS last_missing
    FROM neighbours
    WHERE sequence > before + 1
),
found AS (
    SELECT source, source_node, first_missing, last_missing FROM sequence_gaps
)
SELECT 'expected' AS side, * FROM (SELECT * FROM expected EXCEPT ALL SELECT * FROM found)
UNION ALL
SELECT 'found' AS side, * FROM (SELECT * FROM found EXCEPT ALL SELECT * FROM expected)
ORDER BY source, source_node, first_missing, side
