-- Adjustments of these accounts that no document has.
-- Grain: adjustment_id.
SELECT waiting.*
FROM billing_adjustments AS waiting
SEMI JOIN closing USING (account_id)
ANTI JOIN (SELECT adjustment_id FROM billing_lines WHERE adjustment_id IS NOT NULL) AS used USING (adjustment_id)
QUALIFY row_number() OVER (PARTITION BY adjustment_id ORDER BY author, reason) = 1
ORDER BY waiting.account_id, waiting.adjustment_id
