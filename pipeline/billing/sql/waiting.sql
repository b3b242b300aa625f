-- Calls that no document has: those of the period, and late ones of earlier periods.
-- Grain: row_id.
SELECT billable.*
FROM billable
ANTI JOIN billed USING (account_id, record_id)
WHERE billable.service_period <= getvariable('period')
