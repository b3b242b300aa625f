-- Numbers run from 1 without a gap, and an account has one invoice for a month.
WITH numbered AS (
    SELECT account_id, document_id, sequence, row_number() OVER (ORDER BY sequence, document_id) AS expected
    FROM billing_documents
),
doubled AS (
    SELECT account_id, period, string_agg(document_id, ', ' ORDER BY sequence) AS documents
    FROM billing_documents
    WHERE corrects IS NULL
    GROUP BY account_id, period
    HAVING count(*) > 1
)
SELECT account_id AS place, document_id AS what, 'number ' || sequence || ', expected ' || expected AS found
FROM numbered
WHERE sequence <> expected
UNION ALL
SELECT account_id, documents, 'several invoices of ' || period
FROM doubled
