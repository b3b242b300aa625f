-- Received = rated + rejected + duplicate + pending + merged for every source and period.
SELECT * FROM balance WHERE difference <> 0 ORDER BY source, period
