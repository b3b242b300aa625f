"""Reports: one SQL file for each question about revenue and tax, over the ledger's views and what closing has written.

Each file takes the half-open months `$first` and `$after` as text, such as 2026-10 and 2026-11.
"""
