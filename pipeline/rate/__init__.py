"""The second stage: every record of one `cdr.leg` partition becomes a row of the ledger, once, priced or not."""
