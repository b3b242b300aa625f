"""How the ledger lies on disk: table properties, and how Parquet files are written.

A batch is appended with LZ4 and without dictionaries on columns of many distinct values, the fastest way to write it
(ZSTD takes half as long again); compaction, which writes each row again anyway, uses ZSTD for two thirds of the size.
"""

from deltalake import ColumnProperties, WriterProperties

from schemas.ledger import LEDGER_FORMAT

FORMAT_PROPERTY = "trunkline.ledgerFormat"
FINISHED_MARK_DAYS = 30
"""A mark that was retired is forgotten after this many days."""

PRUNED_BY = ("day", "leg_partition", "period", "state")
"""Columns with statistics in the log; of all columns they would make it larger than the data of small commits."""

PROPERTIES: dict[str, str | None] = {
    FORMAT_PROPERTY: str(LEDGER_FORMAT),
    "delta.dataSkippingStatsColumns": ",".join(PRUNED_BY),
    # A commit takes a third of a millisecond for every commit since the last checkpoint.
    "delta.checkpointInterval": "25",
    # It lists the log's folder too, so the log is kept short. A worker that stood still for longer than this cannot
    # commit (it is refused) and starts again.
    "delta.logRetentionDuration": "interval 10 minutes",
    "delta.enableExpiredLogCleanup": "true",
    # Files that compaction replaced stay for readers that opened an older snapshot, such as `trunkline views --out`.
    "delta.deletedFileRetentionDuration": "interval 24 hours",
    "delta.setTransactionRetentionDuration": f"interval {FINISHED_MARK_DAYS} days",
}

MANY_VALUES = (
    "row_id",
    "offset",
    "raw_sha256",
    "cdr_id",
    "call_group_id",
    "leg_id",
    "calling_raw",
    "called_raw",
    "calling",
    "called",
    "rated_at",
    "received_at",
    "started_at",
    "alerted_at",
    "answered_at",
    "released_at",
    "measured_ms",
    "reported_ms",
    "charge",
)
"""Columns where a dictionary costs time and saves nothing."""

COMPACTED_FILE_BYTES = 1 << 30
ROW_GROUP_ROWS = 250_000

COMPACTED = WriterProperties(
    compression="ZSTD",
    max_row_group_size=ROW_GROUP_ROWS,
    default_column_properties=ColumnProperties(dictionary_enabled=True),
    column_properties=dict.fromkeys(MANY_VALUES, ColumnProperties(dictionary_enabled=False)),
)
"""How compaction writes; what is appended is written by `pipeline.ledger.parquet`."""
