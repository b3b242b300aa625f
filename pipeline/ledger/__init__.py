"""The usage ledger: an append-only Delta Lake table that holds the rows and, in the same commits, the positions."""
