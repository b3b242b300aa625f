-- The calls of documents that were issued just now.
-- Grain: document_id, row_id, sign.
SELECT moved.*, numbers.document_id
FROM moved
JOIN numbers ON numbers.account_id = moved.account_id AND numbers.root IS NOT DISTINCT FROM moved.root
