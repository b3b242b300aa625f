-- Every line of every invoice and note, charges and taxes, with the columns of the table `billing` that lines have.
-- Grain: document_id, line_no.
SELECT
    documents.document_id,
    documents.document_type,
    documents.period,
    documents.issued_on,
    lines.* EXCLUDE (
        part, document_id, document_type, period, issued_on, corrects, total, sequence, sha256, document, row_id, sign,
        overage_seconds, overage_charge, leg_partition, raw_partition, raw_offset
    )
FROM billing_lines AS lines
JOIN billing_documents AS documents USING (document_id)
