-- Calls of each trunk by the SBC that reported them: how its two SBCs share the load, and what each of them loses.
-- Grain: period, account_id, trunk_id, source, source_node.
-- calls: billed legs, answered or not
-- answered: billed legs that were answered
-- failed: billed legs that failed in the network: reject_class FAILURE or NO_ROUTE
-- call_seconds: whole seconds before increments
SELECT
    period,
    account_id,
    trunk_id,
    source,
    source_node,
    count(*) AS calls,
    count(answered_at) AS answered,
    count(*) FILTER (answered_at IS NULL AND reject_class IN ('FAILURE', 'NO_ROUTE')) AS failed,
    coalesce(sum(call_seconds), 0)::BIGINT AS call_seconds
FROM usage
WHERE is_billed_leg
GROUP BY period, account_id, trunk_id, source, source_node
ORDER BY ALL
