-- Documents of a month: its invoices and the notes on them.
-- Grain: document_id.
SELECT
    *,
    (decode(document)::JSON -> 'calls' ->> 'count')::BIGINT AS call_count,
    decode(document)::JSON -> 'calls' ->> 'sha256' AS call_sha256
FROM billing_documents
WHERE period = getvariable('period')
