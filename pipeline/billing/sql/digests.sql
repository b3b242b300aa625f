-- Number and hash of the calls of each document: it names them, so that no call can change or go unseen.
-- Grain: account_id, root.
SELECT
    account_id,
    root,
    count(*) AS calls,
    sha256(string_agg(row_id || ' ' || sign || ' ' || charge || ' ' || call_seconds, chr(10) ORDER BY row_id, sign))
        AS sha256
FROM moved
GROUP BY account_id, root
