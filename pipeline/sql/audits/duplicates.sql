-- A duplicate names a record that was received and is not itself a duplicate of something else.
SELECT row_id, cdr_id, duplicate_of
FROM current
WHERE state = 'DUPLICATE'
    AND duplicate_of NOT IN (SELECT cdr_id FROM current WHERE state <> 'DUPLICATE')
ORDER BY row_id
