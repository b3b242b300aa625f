-- Calls that no document has: those of the period, and late ones of earlier periods, without where they lay in their feed.
-- Grain: row_id.
SELECT billable.* EXCLUDE (record_id, version, partition, "offset", leg_partition)
FROM billable
ANTI JOIN billed USING (account_id, record_id)
WHERE billable.service_period <= getvariable('period')
