-- The calls of a document are those that it names by their hash.
WITH digests AS (
    SELECT
        calls.document_id,
        count(*) AS calls,
        sha256(string_agg(
            history.cdr_id || ' ' || calls.sign || ' ' || history.charge || ' ' || history.call_seconds,
            chr(10) ORDER BY history.cdr_id, calls.sign, history.charge, history.call_seconds
        )) AS sha256
    FROM billing_calls AS calls
    LEFT JOIN history USING (row_id)
    GROUP BY calls.document_id
)
SELECT
    audited.account_id AS place,
    audited.document_id AS what,
    coalesce(digests.calls, 0) || ' calls with hash ' || coalesce(digests.sha256, 'none') || ', the document names '
    || audited.call_count || ' with ' || audited.call_sha256 AS found
FROM audited
LEFT JOIN digests USING (document_id)
WHERE coalesce(digests.calls, 0) <> audited.call_count
    OR coalesce(digests.sha256, sha256('')) <> audited.call_sha256
