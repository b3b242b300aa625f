-- Number and hash of the calls of each document: it names them, so that no call can change or go unseen. It names them
-- by cdr_id, not by row: where a record lay in its feed must not change a document.
-- Grain: account_id, root.
SELECT
    account_id,
    root,
    count(*) AS calls,
    sha256(string_agg(
        cdr_id || ' ' || sign || ' ' || charge || ' ' || call_seconds,
        chr(10) ORDER BY cdr_id, sign, charge, call_seconds
    )) AS sha256
FROM moved
GROUP BY account_id, root
