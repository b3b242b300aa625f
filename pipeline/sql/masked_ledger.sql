-- Every row of the ledger's snapshot with personal data masked; amounts, places, times and counts are unchanged.
-- Of a telephone number the first four digits stay (+1 and the area code, or country and network), so that
-- +12125550100 becomes +1212***; numbers of four digits and fewer are services, and stay. Texts as dialled, names and
-- the record's bytes are withheld; in a reject's detail every run of more than four digits is masked.
-- Grain: row_id.
SELECT
    * REPLACE (
        coalesce(priced_direction, direction) AS direction,
        regexp_replace(calling, '^(\+?[0-9]{4})[0-9]+', '\1***') AS calling,
        regexp_replace(called, '^(\+?[0-9]{4})[0-9]+', '\1***') AS called,
        regexp_replace(billing_number, '^(\+?[0-9]{4})[0-9]+', '\1***') AS billing_number,
        regexp_replace(redirecting, '^(\+?[0-9]{4})[0-9]+', '\1***') AS redirecting,
        regexp_replace(rn, '^(\+?[0-9]{4})[0-9]+', '\1***') AS rn,
        calling_raw[:0] || '***' AS calling_raw,
        called_raw[:0] || '***' AS called_raw,
        pai_raw[:0] || '***' AS pai_raw,
        diversion_raw[:0] || '***' AS diversion_raw,
        display_name[:0] || '***' AS display_name,
        regexp_replace(reject_detail, '((?:[0-9][ ().-]*){4})(?:[0-9][ ().-]*)+', '\1***', 'g') AS reject_detail,
        regexp_replace(note, '((?:[0-9][ ().-]*){4})(?:[0-9][ ().-]*)+', '\1***', 'g') AS note,
        NULL::BLOB AS raw
    )
FROM ledger_rows
