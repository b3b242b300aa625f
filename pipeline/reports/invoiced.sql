-- What documents ask for, by what it is for; a credit note counts with its own sign.
-- Grain: one row for each month of the document, currency, kind of line and month of service.
SELECT
    documents.period,
    documents.currency,
    lines.kind,
    lines.service_period,
    count(DISTINCT documents.document_id) AS documents,
    sum(lines.calls)::BIGINT AS calls,
    sum(lines.amount) AS amount
FROM billing_lines AS lines
JOIN billing_documents AS documents USING (document_id)
WHERE documents.period >= $first AND documents.period < $after
GROUP BY documents.period, documents.currency, lines.kind, lines.service_period
ORDER BY documents.period, documents.currency, lines.kind, lines.service_period
