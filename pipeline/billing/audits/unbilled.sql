-- No call that a close could see is without a document. What came after it waits for the next invoice and is no finding:
-- positions of the commit say how far each feed had been read, and a correction makes its row a new one.
WITH closing AS (
    SELECT closed.account_id, closed.document_id, closed.period, min(positions.sequence) AS sequence
    FROM closed
    JOIN billing_positions AS positions ON positions.sequence >= closed.sequence
    GROUP BY ALL
)
SELECT
    billable.account_id AS place,
    billable.row_id AS what,
    'answered ' || billable.answered_at || ', charge ' || billable.charge || ', in the ledger before '
    || closing.document_id || ', on no document' AS found
FROM billable
JOIN closing ON closing.account_id = billable.account_id AND billable.service_period <= closing.period
JOIN billing_positions AS positions
    ON positions.sequence = closing.sequence
    AND positions.raw_partition = billable.partition
    AND positions.leg_partition = billable.leg_partition
    AND billable."offset" <= positions.raw_offset
ANTI JOIN billed ON billed.account_id = billable.account_id AND billed.record_id = billable.record_id
WHERE billable.version = 0
