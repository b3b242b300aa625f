-- The book that a row was computed with is kept beside the ledger.
SELECT book_hash, count(*) AS rows, min(rated_at) AS first_rated_at
FROM ledger
ANTI JOIN books USING (book_hash)
GROUP BY book_hash
ORDER BY book_hash
