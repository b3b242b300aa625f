-- No row lies beyond the mark of its raw partition: rows and positions were committed together.
SELECT ledger.leg_partition, ledger.partition, max(ledger."offset") AS last_offset, any_value(marks.value) AS mark
FROM ledger
JOIN marks ON ledger.leg_partition = marks.leg_partition AND ledger.partition = marks.raw_partition
GROUP BY ledger.leg_partition, ledger.partition
HAVING last_offset > mark
ORDER BY ledger.leg_partition, ledger.partition
