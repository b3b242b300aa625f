-- The lines in the table are those of the document, and so is its total.
WITH printed AS (
    SELECT
        account_id,
        document_id,
        unnest(list_concat(content.charges, content.taxes), recursive := true)
    FROM (
        SELECT
            account_id,
            document_id,
            from_json(
                decode(document),
                '{"charges": [{"line_no": "INTEGER", "amount": "DECIMAL(18,2)"}],
                  "taxes": [{"line_no": "INTEGER", "amount": "DECIMAL(18,2)"}]}'
            ) AS content
        FROM audited
    )
),
kept AS (
    SELECT lines.account_id, lines.document_id, lines.line_no, lines.amount
    FROM billing_lines AS lines
    SEMI JOIN audited USING (document_id)
),
differing AS (
    SELECT 'document' AS side, * FROM (FROM printed EXCEPT ALL FROM kept)
    UNION ALL
    SELECT 'table' AS side, * FROM (FROM kept EXCEPT ALL FROM printed)
)
SELECT account_id AS place, document_id AS what, 'line ' || line_no || ' of ' || amount || ' only in the ' || side AS found
FROM differing
UNION ALL
SELECT
    account_id,
    document_id,
    'prints a total of ' || (decode(document)::JSON -> 'totals' ->> 'total') || ', recorded ' || total
FROM audited
WHERE (decode(document)::JSON -> 'totals' ->> 'total')::DECIMAL(18, 2) <> total
