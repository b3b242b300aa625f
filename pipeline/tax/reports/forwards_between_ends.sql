-- Calls that a state may tax although the service address lies elsewhere: both ends of a forwarded leg agree.
-- Those of service addresses outside the United States bear no tax of it; the report counts them.
-- Grain: one row for each taxing state.
SELECT
    taxing_state,
    count(*) AS calls,
    sum(charge) AS charges
FROM usage
WHERE direction = 'FORWARD'
    AND taxing_state IS NOT NULL
    AND period >= $first
    AND period < $after
GROUP BY taxing_state
ORDER BY taxing_state
