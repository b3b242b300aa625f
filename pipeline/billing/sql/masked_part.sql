-- Rows of the table `billing` without names and words of persons: the documents themselves, and who adjusted what, why.
-- Grain: that of the part.
SELECT * REPLACE (
    NULL::BLOB AS document,
    NULL::VARCHAR AS author,
    NULL::VARCHAR AS reason,
    CASE WHEN adjustment_id IS NULL THEN text ELSE '***' END AS text
)
FROM arriving
