-- The calls of documents that are being made; `place` is what account and corrected invoice say of the document.
-- Grain: place, row_id, sign.
SELECT *, account_id || chr(10) || coalesce(root, '') AS place FROM moved
