-- Calls that fair use looks at: all of a touched month, and those of this month.
-- Grain: row_id.
SELECT billable.* FROM billable SEMI JOIN touched USING (trunk_id, service_period)
UNION ALL BY NAME
SELECT selected.* EXCLUDE (root) FROM selected ANTI JOIN touched USING (trunk_id, service_period)
