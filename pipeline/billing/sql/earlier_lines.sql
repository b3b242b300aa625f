-- Lines of earlier documents that the documents of this close continue or correct.
-- Grain: document_id, line_no.
SELECT coalesce(documents.corrects, documents.document_id) AS root, lines.*
FROM billing_lines AS lines
JOIN billing_documents AS documents USING (document_id)
WHERE EXISTS (
    SELECT 1 FROM touched
    WHERE touched.account_id = lines.account_id AND touched.service_period = lines.service_period
)
OR EXISTS (
    SELECT 1 FROM corrected
    WHERE corrected.account_id = documents.account_id
    AND corrected.root = coalesce(documents.corrects, documents.document_id)
)
ORDER BY documents.sequence, lines.line_no
