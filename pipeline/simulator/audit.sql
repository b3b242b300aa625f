-- The ledger against the truth: in which ways each record ended, and how often, expected and found.
-- Lines that are no CDRs, and records that never arrived, have no row.
-- Grain: audit_key, state, reason, billed seconds, charge. Where nothing is amiss, expected = found in every row.
WITH keys AS (
    SELECT DISTINCT raw_sha256, audit_key FROM truth
),
expected AS (
    SELECT audit_key, state, reason, billed_seconds, charge, count(*) AS records,
           min(source) AS source, any_value(currency) AS currency, min(file) AS file, min(line) AS line, min(fault) AS fault
    FROM truth
    WHERE state NOT IN ('SKIPPED', 'LOST')
    GROUP BY audit_key, state, reason, billed_seconds, charge
),
found AS (
    SELECT coalesce(keys.audit_key, rows.raw_sha256) AS audit_key,
           rows.state,
           rows.reject_reason AS reason,
           CASE rows.state WHEN 'RATED' THEN rows.billed_seconds END AS billed_seconds,
           CASE rows.state WHEN 'RATED' THEN rows.charge END AS charge,
           count(*) AS records, min(rows.source) AS source, any_value(rows.currency) AS currency, min(rows.row_id) AS row_id
    FROM current AS rows
    LEFT JOIN keys ON keys.raw_sha256 = rows.raw_sha256
    GROUP BY ALL
)
SELECT coalesce(expected.audit_key, found.audit_key) AS audit_key,
       coalesce(expected.source, found.source) AS source,
       coalesce(expected.state, found.state) AS state,
       coalesce(expected.reason, found.reason) AS reason,
       coalesce(expected.billed_seconds, found.billed_seconds) AS billed_seconds,
       coalesce(expected.charge, found.charge) AS charge,
       coalesce(expected.currency, found.currency) AS currency,
       coalesce(expected.records, 0) AS expected,
       coalesce(found.records, 0) AS found,
       expected.file, expected.line, expected.fault, found.row_id
FROM expected
FULL JOIN found
  ON expected.audit_key = found.audit_key
 AND expected.state = found.state
 AND expected.reason IS NOT DISTINCT FROM found.reason
 AND expected.billed_seconds IS NOT DISTINCT FROM found.billed_seconds
 AND expected.charge IS NOT DISTINCT FROM found.charge
