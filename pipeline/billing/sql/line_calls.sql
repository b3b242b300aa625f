-- The calls of one line of a document.
-- Grain: row_id, sign.
SELECT
    history.cdr_id,
    calls.sign,
    history.answered_at,
    history.calling,
    history.called,
    history.call_seconds,
    history.billed_seconds,
    history.charge,
    calls.overage_seconds,
    calls.overage_charge
FROM billing_calls AS calls
JOIN history USING (row_id)
JOIN billing_lines AS lines
    ON lines.document_id = calls.document_id
    AND lines.service_period = history.service_period
    AND lines.trunk_id = history.trunk_id
    AND lines.direction IS NOT DISTINCT FROM history.direction
    AND lines.destination IS NOT DISTINCT FROM history.destination
    AND (
        lines.kind = 'OVERAGE' AND calls.overage_seconds > 0
        OR lines.kind = CASE history.charge_kind WHEN 'METERED' THEN 'USAGE' ELSE history.charge_kind END
    )
    AND (lines.rate_per_minute IS NULL OR lines.rate_per_minute = history.rate_per_minute)
    AND (lines.call_scope IS NULL OR lines.call_scope = history.call_scope)
    AND (lines.call_scope IS NULL OR lines.taxing_state IS NOT DISTINCT FROM history.taxing_state)
WHERE calls.document_id = $number AND lines.line_no = $line_no
ORDER BY history.answered_at, history.cdr_id, calls.sign
