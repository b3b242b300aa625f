-- Calls that go onto documents now, and those that are taken back, with what fair use added to them.
-- Grain: row_id, sign.
SELECT selected.*, 1::TINYINT AS sign, overage.overage_seconds, overage.overage_charge
FROM selected
LEFT JOIN overage USING (row_id)
UNION ALL BY NAME
SELECT standing.* EXCLUDE (is_replacement), 1::TINYINT AS sign, standing_overage.overage_seconds,
    standing_overage.overage_charge
FROM standing
LEFT JOIN standing_overage USING (row_id)
WHERE standing.is_replacement
UNION ALL BY NAME
SELECT history.*, taken_back.root, -1::TINYINT AS sign, NULL AS overage_seconds, NULL AS overage_charge
FROM history
JOIN taken_back USING (row_id)
