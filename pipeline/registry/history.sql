-- The legs of one account's calls, each with the leg that it came from: what the call history shows.
-- Grain: row_id.
WITH legs AS (
    SELECT *
    FROM usage
    WHERE account_id = $account_id AND record_type IN ('STOP', 'ATTEMPT')
),
-- A leg names its parent by the SBC's leg id; one that names none came from the inbound leg of its call, if there is one.
inbound AS (
    SELECT call_group_id, min_by(cdr_id, (started_at, cdr_id)) AS cdr_id
    FROM legs
    WHERE direction = 'INBOUND'
    GROUP BY call_group_id
),
parents AS (
    SELECT child.row_id, min(parent.cdr_id) AS cdr_id
    FROM legs AS child
    JOIN legs AS parent
        ON parent.call_group_id = child.call_group_id
        AND parent.leg_id = child.parent_leg_id
        AND parent.row_id <> child.row_id
    GROUP BY child.row_id
),
linked AS (
    SELECT
        legs.*,
        coalesce(
            parents.cdr_id,
            CASE WHEN legs.direction <> 'INBOUND' OR legs.route_entry_index IS NOT NULL THEN inbound.cdr_id END
        ) AS parent_call_id
    FROM legs
    LEFT JOIN parents USING (row_id)
    LEFT JOIN inbound ON inbound.call_group_id = legs.call_group_id AND inbound.cdr_id <> legs.cdr_id
)
SELECT
    cdr_id, call_group_id, parent_call_id, trunk_id, user_name, calling, called, direction, route_entry_type,
    epoch_us(started_at) AS started_us, epoch_us(answered_at) AS answered_us, epoch_us(released_at) AS released_us,
    coalesce(call_seconds, 0) AS call_seconds, coalesce(billed_seconds, 0) AS billed_seconds,
    ring_ms, reject_class, release_party, rate_per_minute, charge, currency, charge_kind, destination,
    CASE
        WHEN answered_at IS NOT NULL THEN 'FINISHED'
        WHEN reject_class = 'BUSY' THEN 'BUSY'
        WHEN reject_class = 'NOANSWER' THEN 'NO_ANSWER'
        WHEN reject_class = 'CANCEL' THEN 'CANCELLED'
        ELSE 'FAILED'
    END AS state
FROM linked
