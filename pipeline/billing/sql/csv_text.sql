-- Text as a field of a CSV file: quoted where it must be.
CREATE OR REPLACE TEMP MACRO csv_text(field) AS CASE
    WHEN contains(field, ',') OR contains(field, '"') OR contains(field, chr(10)) OR contains(field, chr(13))
        THEN '"' || replace(field, '"', '""') || '"'
    ELSE field
END
