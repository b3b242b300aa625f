-- Calls of these accounts that no document has: those of the period, and late ones of earlier periods.
-- Grain: row_id.
SELECT billable.*, NULL::VARCHAR AS root
FROM billable
SEMI JOIN closing USING (account_id)
ANTI JOIN billed USING (account_id, record_id)
WHERE billable.service_period <= getvariable('period')
