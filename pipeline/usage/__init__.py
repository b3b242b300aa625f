"""What trunks used: the fair-use trace of a month, the use of channels, and the alerts of both.

Reads the ledger's views and the book; writes nothing. The rules are those of `rating.fair_use`, `rating.channels` and
`rating.concurrency`.
"""
