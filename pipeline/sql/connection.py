"""A DuckDB connection that sees one snapshot of the ledger through the views of this package.

A local ledger is read by DuckDB itself from its list of files; one in an object store through an Arrow dataset, so that
no DuckDB extension is needed. The snapshot stays what it was while workers go on writing: connect again to see more.
"""

import tempfile
from collections.abc import Mapping
from typing import NamedTuple

import duckdb
import pyarrow as pa

from pipeline.ledger.delta import reach
from pipeline.ledger.table import UsageLedger
from pipeline.sql.book_tables import book_tables
from pipeline.sql.catalog import VIEWS, definition
from rating.book import RateBook
from schemas.ledger import USAGE_SCHEMA

ROWS = "ledger_rows"
"""The relation that the view `ledger` reads: the Parquet files of the snapshot."""


class Snapshot(NamedTuple):
    """What a connection sees; also the one row of the table `snapshot`."""

    ledger_url: str
    version: int
    files: int
    book_hash: str | None


def connect(
    ledger_url: str, storage_options: Mapping[str, str] | None = None, *, book: RateBook | None = None
) -> duckdb.DuckDBPyConnection:
    """Open the ledger's current snapshot with every view of `pipeline.sql.catalog`.

    `book` fills the tables of reference data (`accounts`, `trunks`, `trunk_limits`, ...); without one they are empty.
    Times are shown in UTC. Raises LedgerUnavailable, or OtherLedgerFormat.
    """
    return connect_to(UsageLedger.open(ledger_url, storage_options), book)


def connect_to(ledger: UsageLedger, book: RateBook | None = None) -> duckdb.DuckDBPyConnection:
    """Open the snapshot that this handle sees, as `connect` does."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET temp_directory = $folder", {"folder": tempfile.gettempdir()})
    bind_rows(connection, ledger)
    fill(connection, ledger, book)
    return connection


def fill(connection: duckdb.DuckDBPyConnection, ledger: UsageLedger, book: RateBook | None) -> Snapshot:
    """Write the tables of the snapshot and its book, then the views over them and ROWS."""
    snapshot = Snapshot(ledger.url, ledger.version, len(ledger.files()), None if book is None else book.hash)
    described = pa.Table.from_pylist([snapshot._asdict()], schema=_SNAPSHOT)
    for name, rows in {"snapshot": described, **book_tables(book)}.items():
        store(connection, name, rows)
    for name in VIEWS:
        connection.execute(f"CREATE VIEW {name} AS\n{definition(name).query}")
    return snapshot


def bind_rows(connection: duckdb.DuckDBPyConnection, ledger: UsageLedger) -> None:
    """Let ROWS be the files of the snapshot: read in place, nothing is copied."""
    files = ledger.files()
    if not files:
        store(connection, ROWS, USAGE_SCHEMA.empty_table())
    elif is_local(ledger):
        connection.read_parquet(files).create_view(ROWS)
    else:
        connection.register(ROWS, reach(ledger.url, "read", ledger.table.to_pyarrow_dataset))


def is_local(ledger: UsageLedger) -> bool:
    """Whether DuckDB can open the files by itself."""
    return ledger.table.table_uri.startswith("file://")


def store(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table | pa.RecordBatchReader) -> None:
    """Write Arrow rows to a table of the connection."""
    connection.register("arriving", rows)
    connection.execute(f"CREATE TABLE {name} AS FROM arriving")
    connection.unregister("arriving")


_SNAPSHOT = pa.schema(
    [("ledger_url", pa.string()), ("version", pa.int64()), ("files", pa.int64()), ("book_hash", pa.string())]
)
