"""Figures of the rate stage for Prometheus."""

from prometheus_client import Counter, Histogram

CDRS = Counter("rater_cdrs_total", "Records that became a row of the ledger, by what became of them.", ["outcome"])
DROPPED = Counter("rater_dropped_messages_total", "Messages of cdr.leg that the ledger already held.")
GAPS = Counter("rater_gaps_total", "Ranges of raw offsets that never arrived. Any increase is an alarm.")
REPLAYED = Counter("rater_replayed_total", "Rejects of an unknown trunk that a new book gave another outcome.")
BATCH_SECONDS = Histogram("rater_batch_seconds", "Time from a batch in hand to its commit.")
