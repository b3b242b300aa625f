-- A state is one of the five and has what belongs to it: a price, a reason, the record that was kept.
SELECT row_id, state, charge, reject_reason, duplicate_of
FROM ledger
WHERE CASE state
    WHEN 'RATED' THEN charge IS NULL OR currency IS NULL OR account_id IS NULL OR reject_reason IS NOT NULL
    WHEN 'REJECTED' THEN reject_reason IS NULL OR charge IS NOT NULL
    WHEN 'DUPLICATE' THEN duplicate_of IS NULL OR charge IS NOT NULL
    WHEN 'MERGED' THEN duplicate_of IS NULL OR charge IS NOT NULL
    WHEN 'PENDING' THEN charge IS NOT NULL
    ELSE true
END
ORDER BY row_id
