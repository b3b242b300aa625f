-- Invoices and notes with their sums.
-- Grain: document_id.
SELECT
    documents.document_id,
    documents.document_type,
    documents.account_id,
    documents.period,
    documents.issued_on,
    documents.corrects,
    documents.currency,
    coalesce(sums.plan_fees, 0) AS plan_fees,
    coalesce(sums.usage, 0) AS usage,
    coalesce(sums.overage, 0) AS overage,
    coalesce(sums.adjustments, 0) AS adjustments,
    coalesce(sums.taxes, 0) AS taxes,
    documents.total,
    documents.sequence,
    documents.sha256
FROM billing_documents AS documents
LEFT JOIN (
    SELECT
        document_id,
        sum(amount) FILTER (kind = 'CHANNEL_FEE') AS plan_fees,
        sum(amount) FILTER (kind IN ('USAGE', 'INCLUDED')) AS usage,
        sum(amount) FILTER (kind = 'OVERAGE') AS overage,
        sum(amount) FILTER (kind = 'ADJUSTMENT') AS adjustments,
        sum(amount) FILTER (kind = 'TAX') AS taxes
    FROM billing_lines
    GROUP BY document_id
) AS sums USING (document_id)
