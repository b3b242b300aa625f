-- The calls of a document are those of the list that it names by its hash.
WITH digests AS (
    SELECT
        place AS document_id,
        count(*) AS calls,
        sha256(getvariable('call_heading') || string_agg(line, '' ORDER BY answered_at, cdr_id, sign, charge, call_seconds)) AS sha256
    FROM called
    GROUP BY place
)
SELECT
    audited.account_id AS place,
    audited.document_id AS what,
    coalesce(digests.calls, 0) || ' calls with hash ' || coalesce(digests.sha256, 'none') || ', the document names '
    || audited.call_count || ' with ' || audited.call_sha256 AS found
FROM audited
LEFT JOIN digests USING (document_id)
WHERE coalesce(digests.calls, 0) <> audited.call_count
    OR coalesce(digests.sha256, sha256(getvariable('call_heading'))) <> audited.call_sha256
