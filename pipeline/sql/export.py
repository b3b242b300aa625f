"""A DuckDB file with the views of one snapshot, for any DuckDB client or BI tool.

Over a local ledger the file holds only the views; they read the ledger's Parquet files by their absolute names, which
stay for a day after compaction replaced them. Over an object store, or masked, the rows themselves are copied into it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from pipeline.ledger.delta import reach
from pipeline.ledger.table import UsageLedger
from pipeline.sql.catalog import masked_ledger
from pipeline.sql.connection import ROWS, Snapshot, bind_rows, create_views, describe, is_local, store
from rating.book import RateBook

OLDEST_CLIENT = "v1.0.0"
"""DuckDB of this version and every later one opens the file; without it, only that of our own version."""

Progress = Callable[[int, int], None]
"""Called with the rows copied and the rows to copy."""


Also = Callable[[duckdb.DuckDBPyConnection, bool], None]
"""Adds what else the file shall hold; told whether rows are copied into it."""


class Exported(NamedTuple):
    """What a file of views holds."""

    snapshot: Snapshot
    copied: bool
    """Whether the rows are in the file; else it reads the ledger's files."""


def export_views(
    ledger: UsageLedger,
    target: Path,
    book: RateBook | None = None,
    *,
    mask: bool = False,
    progress: Progress,
    also: Also = lambda _connection, _copied: None,
) -> Exported:
    """Write the views of this handle's snapshot to `target`, replacing it in one step.

    Raises LedgerUnavailable, and OSError where the target cannot be written.
    """
    growing = target.with_name(f"{target.name}.part")
    growing.unlink(missing_ok=True)
    copied = mask or not is_local(ledger)
    try:
        with duckdb.connect(str(growing), config={"storage_compatibility_version": OLDEST_CLIENT}) as connection:
            if copied and ledger.files():
                _copy_rows(connection, ledger, progress, mask=mask)
            else:
                bind_rows(connection, ledger)
            snapshot = describe(connection, ledger, book)
            create_views(connection)
            also(connection, copied)
        growing.replace(target)
    finally:
        growing.unlink(missing_ok=True)
    return Exported(snapshot, copied)


def _copy_rows(connection: duckdb.DuckDBPyConnection, ledger: UsageLedger, progress: Progress, *, mask: bool) -> None:
    """Copy the snapshot's rows into the file, masked on their way where they are to be."""
    dataset = reach(ledger.url, "read", ledger.table.to_pyarrow_dataset)
    batches = _counted(dataset.to_batches(), dataset.count_rows(), progress)
    rows = pa.RecordBatchReader.from_batches(dataset.schema, batches)
    with duckdb.connect() as passage:
        passage.register(ROWS, rows)
        store(connection, ROWS, passage.sql(masked_ledger() if mask else "FROM ledger_rows").to_arrow_reader())


def _counted(batches: Iterator[pa.RecordBatch], total: int, progress: Progress) -> Iterator[pa.RecordBatch]:
    copied = 0
    for batch in batches:
        yield batch
        copied += batch.num_rows
        progress(copied, total)
