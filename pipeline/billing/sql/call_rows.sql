-- The calls of these documents, as rows of the table `billing`.
-- Grain: row_id, sign.
SELECT
    'CALL' AS part,
    numbers.document_id,
    moved.account_id,
    moved.currency,
    moved.row_id,
    moved.sign,
    moved.overage_seconds,
    moved.overage_charge
FROM moved
JOIN numbers ON numbers.account_id = moved.account_id AND numbers.root IS NOT DISTINCT FROM moved.root
