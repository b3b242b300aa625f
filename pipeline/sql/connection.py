"""A DuckDB connection that sees one snapshot of the ledger through the views of this package.

A local ledger is read by DuckDB itself from its list of files; one in an object store through an Arrow dataset, so that
no DuckDB extension is needed. The snapshot stays what it was while workers go on writing: connect again to see more.
"""

import tempfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

import duckdb
import pyarrow as pa

from pipeline.ledger.books import UnknownBook
from pipeline.ledger.delta import reach
from pipeline.ledger.table import UsageLedger
from pipeline.sql.book_tables import book_tables, reference_data
from pipeline.sql.catalog import VIEWS, definition, masked_ledger
from rating.book import RateBook
from schemas.ledger import USAGE_SCHEMA
from schemas.reference import ReferenceData

ROWS = "ledger_rows"
"""The relation that the view `ledger` reads: the Parquet files of the snapshot."""


class Snapshot(NamedTuple):
    """What a connection sees; also the one row of the table `snapshot`."""

    ledger_url: str
    version: int
    files: int
    book_hash: str | None


def connect(
    ledger_url: str,
    storage_options: Mapping[str, str] | None = None,
    *,
    book: RateBook | None = None,
    mask: bool = False,
) -> duckdb.DuckDBPyConnection:
    """Open the ledger's current snapshot with every view of `pipeline.sql.catalog`.

    The tables of reference data (`accounts`, `trunks`, `trunk_limits`, ...) are those of `book`, by default the book
    that the last row was rated with. Times are shown in UTC. With `mask`, no view shows a whole telephone number or the
    bytes of a record. Raises LedgerUnavailable, or OtherLedgerFormat.
    """
    return connect_to(UsageLedger.open(ledger_url, storage_options), book, mask=mask)


def connect_to(
    ledger: UsageLedger, book: RateBook | None = None, *, mask: bool = False, views: Sequence[str] = VIEWS
) -> duckdb.DuckDBPyConnection:
    """Open the snapshot that this handle sees, as `connect` does; with fewer views it takes less time."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")  # its bars would stand in the output of a command
    connection.execute("SET temp_directory = $folder", {"folder": tempfile.gettempdir()})
    bind_rows(connection, ledger)
    describe(connection, ledger, book)
    create_views(connection, mask=mask, views=views)
    return connection


def describe(connection: duckdb.DuckDBPyConnection, ledger: UsageLedger, book: RateBook | None = None) -> Snapshot:
    """Write the table `snapshot` and those of the book, by default the one that the last of ROWS was rated with."""
    content = _last_book(connection, ledger) if book is None else book.snapshot
    book_hash = None if content is None else sha256(content).hexdigest()
    snapshot = Snapshot(ledger.url, ledger.version, len(ledger.files()), book_hash)
    store(connection, "snapshot", pa.Table.from_pylist([snapshot._asdict()], schema=_SNAPSHOT))
    data = ReferenceData() if content is None else reference_data(content)
    store_book(connection, data)
    return snapshot


def store_book(connection: duckdb.DuckDBPyConnection, data: ReferenceData) -> None:
    """Write the tables of BOOK_TABLES."""
    for name, rows in book_tables(data).items():
        store(connection, name, rows)


def create_views(connection: duckdb.DuckDBPyConnection, *, mask: bool = False, views: Sequence[str] = VIEWS) -> None:
    """Create views over ROWS and the tables of the book, in the order of VIEWS."""
    for name in views:
        query = masked_ledger() if mask and name == "ledger" else definition(name).query
        connection.execute(f"CREATE VIEW {name} AS\n{query}")


def _last_book(connection: duckdb.DuckDBPyConnection, ledger: UsageLedger) -> bytes | None:
    """Snapshot of the book of the newest row; None in an empty ledger, and where `ledger verify` will miss it."""
    found = connection.execute("SELECT arg_max(book_hash, rated_at) FROM ledger_rows").fetchall()
    if found[0][0] is None:
        return None
    try:
        return ledger.books().read(found[0][0])
    except UnknownBook:
        return None


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
