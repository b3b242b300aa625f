-- A document asks for the sum of its lines, taxes included (PRODUCT.md, Money after rating 5).
SELECT
    documents.account_id AS place,
    documents.document_id AS what,
    'asks for ' || documents.total || ', its lines are ' || coalesce(sum(lines.amount), 0) AS found
FROM audited AS documents
LEFT JOIN billing_lines AS lines USING (document_id)
GROUP BY documents.account_id, documents.document_id, documents.total
HAVING coalesce(sum(lines.amount), 0) <> documents.total
