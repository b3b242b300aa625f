-- What one account used and paid: its answered calls, and of closed months its channels and taxes.
-- Grain: one row for each call and each line of an invoice.
SELECT
    'SIP_TRUNK' AS category,
    usage.day,
    usage.account_id,
    accounts.name AS account_name,
    CASE WHEN usage.direction = 'INBOUND' THEN 'INBOUND' ELSE 'OUTBOUND' END AS direction,
    usage.destination_country AS country,
    'second' AS unit_type,
    CASE WHEN usage.charge_kind = 'METERED' THEN usage.rate_per_minute ELSE 0 END AS rate,
    coalesce(usage.billed_seconds, 0) AS quantity,
    coalesce(usage.charge, 0)::DECIMAL(38, 9) AS total,
    usage.currency
FROM usage
LEFT JOIN accounts USING (account_id)
WHERE usage.account_id = $account_id AND usage.is_billed_leg AND usage.answered_at IS NOT NULL
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
