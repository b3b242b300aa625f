-- A document's bytes have the hash that was recorded, and name the hash of the document before.
WITH chained AS (
    SELECT
        account_id,
        document_id,
        sha256(document) AS computed,
        sha256 AS recorded,
        decode(document)::JSON ->> 'previous_sha256' AS named,
        lag(sha256, 1, repeat('0', 64)) OVER (ORDER BY sequence) AS before
    FROM billing_documents
)
SELECT account_id AS place, document_id AS what, 'bytes have hash ' || computed || ', recorded ' || recorded AS found
FROM chained
WHERE computed <> recorded
UNION ALL
SELECT account_id, document_id, 'names ' || named || ' as the document before, which is ' || before
FROM chained
WHERE named <> before
