"""Figures of mediation and of a worker for Prometheus. docs/operations.md says what they mean and when to act."""

from prometheus_client import Counter, Gauge, Histogram

RECORDS = Counter("mediator_records_total", "Raw records read.", ["source"])
CDRS = Counter("mediator_cdrs_total", "CDRs made of them, readable or not.", ["source", "outcome"])
MEDIATE_SECONDS = Histogram("mediator_batch_seconds", "Time from raw records in hand to all acknowledgements.")
ASSIGNED = Gauge("worker_assigned_partitions", "Partitions that this worker reads.", ["topic"])
LAG = Gauge("worker_lag_messages", "Messages of a partition that the ledger does not cover.", ["topic", "partition"])
LATENCY = Gauge("rater_lag_seconds", "Age of the oldest record of the last commit when it was committed.")
IN_HAND = Gauge("worker_bytes_in_hand", "Bytes fetched from Kafka and not yet passed on or committed.")
