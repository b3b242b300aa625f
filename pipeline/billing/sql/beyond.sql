-- Calls that go beyond the allowance of their trunk and month, with the seconds of each that do. Calls use the
-- allowance in order of answer time and cdr_id; the one that crosses it is split at that second (PRODUCT.md, Rating 10).
-- Grain: row_id.
WITH ordered AS (
    SELECT
        pooled.*,
        allowances.allowance_seconds,
        coalesce(sum(pooled.call_seconds) OVER (
            PARTITION BY pooled.trunk_id, pooled.service_period
            ORDER BY pooled.answered_at, pooled.cdr_id, pooled.row_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0)::BIGINT AS used_before
    FROM pooled
    JOIN allowances USING (trunk_id, service_period)
    WHERE pooled.charge_kind = 'INCLUDED'
)
SELECT
    * EXCLUDE (allowance_seconds, used_before),
    least(call_seconds, used_before + call_seconds - allowance_seconds) AS overage_seconds,
    (rate_per_minute::DECIMAL(38, 9) * 1000000000)::BIGINT AS rate_nanos,
    (connection_fee::DECIMAL(38, 9) * 1000000000)::BIGINT AS fee_nanos
FROM ordered
WHERE call_seconds > 0 AND used_before + call_seconds > allowance_seconds
