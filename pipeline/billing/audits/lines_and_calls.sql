-- Lines of calls are the sum of the ledger rows of the calls on the document: seconds, number, exact charge.
-- Overage is not compared here: a late call may move the overage of others.
WITH of_lines AS (
    SELECT document_id, sum(calls) AS calls, sum(call_seconds) AS call_seconds, sum(amount_exact) AS charge
    FROM billing_lines
    WHERE kind IN ('USAGE', 'INCLUDED', 'FREE')
    GROUP BY document_id
),
of_calls AS (
    SELECT
        calls.document_id,
        sum(calls.sign) AS calls,
        sum(calls.sign * history.call_seconds) AS call_seconds,
        sum(calls.sign * history.charge) AS charge
    FROM billing_calls AS calls
    JOIN history USING (row_id)
    GROUP BY calls.document_id
)
SELECT
    audited.account_id AS place,
    audited.document_id AS what,
    coalesce(of_lines.calls, 0) || ' calls, ' || coalesce(of_lines.call_seconds, 0) || ' s, '
    || coalesce(of_lines.charge, 0) || ' on the lines; ' || coalesce(of_calls.calls, 0) || ' calls, '
    || coalesce(of_calls.call_seconds, 0) || ' s, ' || coalesce(of_calls.charge, 0) || ' in the ledger' AS found
FROM audited
LEFT JOIN of_lines USING (document_id)
LEFT JOIN of_calls USING (document_id)
WHERE coalesce(of_lines.calls, 0) <> coalesce(of_calls.calls, 0)
    OR coalesce(of_lines.call_seconds, 0) <> coalesce(of_calls.call_seconds, 0)
    OR coalesce(of_lines.charge, 0) <> coalesce(of_calls.charge, 0)
