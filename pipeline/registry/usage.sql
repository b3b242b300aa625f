-- What one account used and paid: its answered calls, and of closed months its overage, channels and taxes.
-- Grain: one row for each call, for its seconds beyond fair use, and for each line of an invoice.
WITH beyond AS (
    SELECT
        row_id,
        sum(sign * overage_seconds)::BIGINT AS seconds,
        sum(sign * overage_charge) AS charge
    FROM billing_overage
    WHERE account_id = $account_id
    GROUP BY row_id
),
calls AS (
    SELECT
        usage.*,
        accounts.name AS account_name,
        coalesce(beyond.seconds, 0) AS beyond_seconds,
        beyond.charge AS beyond_charge
    FROM usage
    LEFT JOIN accounts USING (account_id)
    LEFT JOIN beyond USING (row_id)
    WHERE usage.account_id = $account_id AND usage.is_billed_leg AND usage.answered_at IS NOT NULL
)
SELECT
    'SIP_TRUNK' AS category,
    day,
    account_id,
    account_name,
    CASE WHEN direction = 'INBOUND' THEN 'INBOUND' ELSE 'OUTBOUND' END AS direction,
    destination_country AS country,
    'second' AS unit_type,
    CASE WHEN charge_kind = 'METERED' THEN rate_per_minute ELSE 0 END AS rate,
    CASE WHEN beyond_seconds > 0 THEN call_seconds - beyond_seconds ELSE coalesce(billed_seconds, 0) END AS quantity,
    coalesce(charge, 0)::DECIMAL(38, 9) AS total,
    currency
FROM calls
WHERE beyond_seconds < call_seconds OR beyond_seconds = 0
UNION ALL
-- Seconds beyond the allowance are metered on their own, in the increments of the call's rate.
SELECT
    'SIP_TRUNK',
    day,
    account_id,
    account_name,
    CASE WHEN direction = 'INBOUND' THEN 'INBOUND' ELSE 'OUTBOUND' END,
    destination_country,
    'second',
    rate_per_minute,
    initial_seconds
        + (greatest(beyond_seconds - initial_seconds, 0) + next_seconds - 1) // next_seconds * next_seconds,
    beyond_charge::DECIMAL(38, 9),
    currency
FROM calls
WHERE beyond_seconds > 0
UNION ALL
SELECT
    CASE WHEN line.kind = 'TAX' THEN 'SIP_TRUNK_TAX' ELSE 'SIP_TRUNK_CHANNEL' END,
    coalesce(line.effective_from, (line.service_period || '-01')::DATE),
    line.account_id,
    accounts.name,
    NULL,
    NULL,
    CASE WHEN line.kind = 'TAX' THEN 'tax' ELSE 'channel' END,
    line.unit_price,
    CASE WHEN line.kind = 'TAX' THEN 1 ELSE line.channel_limit END,
    line.amount::DECIMAL(38, 9),
    line.currency
FROM billing_lines AS line
LEFT JOIN accounts USING (account_id)
WHERE line.account_id = $account_id AND line.kind IN ('TAX', 'CHANNEL_FEE')
