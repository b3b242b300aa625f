-- Traffic of UNLIMITED plans by class of call: the sample that splits their channel fees (FCC 06-94, paragraph 52).
-- Grain: one row for each call_scope. Seconds are whole, before increments.
SELECT
    call_scope,
    count(*) AS calls,
    sum(call_seconds)::DECIMAL(38, 0) AS seconds
FROM usage
WHERE charge_kind = 'INCLUDED'
    AND call_scope IS NOT NULL
    AND period >= $first
    AND period < $after
GROUP BY call_scope
ORDER BY call_scope
