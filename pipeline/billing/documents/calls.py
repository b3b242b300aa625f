"""Lists of the calls of a document: CSV and Parquet for programs, short rows for the PDF."""

import io
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.billing.documents import words

_PRINTED = ("answered_at", "trunk_id", "direction", "calling", "called", "destination", "billed_seconds", "charge")
_OF_FEW_VALUES = (
    "sign", "service_period", "trunk_id", "direction", "destination", "charge_kind", "call_scope", "rate_per_minute",
    "connection_fee", "currency",
)  # fmt: skip
_of_thread = threading.local()


def write_call_csv(path: Path, calls: pa.Table) -> None:
    """Comma separated with a heading; times in UTC, money with nine decimals.

    DuckDB writes it: Arrow's own writer prints small decimals with an exponent.
    """
    connection = _connection()
    connection.register("calls", _own(calls))
    connection.table("calls").write_csv(str(path), header=True)
    connection.unregister("calls")


def call_parquet(calls: pa.Table) -> bytes:
    """The same rows with their types."""
    out = io.BytesIO()
    pq.write_table(_own(calls), out, compression="zstd", compression_level=1, use_dictionary=list(_OF_FEW_VALUES))
    return out.getvalue()


def printed_calls(calls: pa.Table) -> Sequence[Sequence[str]]:
    """Rows of the call list of a PDF."""
    return list(_printed(calls))


def _connection() -> duckdb.DuckDBPyConnection:
    """One connection for each thread: opening one takes longer than writing a list."""
    if not hasattr(_of_thread, "connection"):
        _of_thread.connection = duckdb.connect(config={"threads": 1})
        _of_thread.connection.execute("SET TimeZone = 'UTC'")
    connection: duckdb.DuckDBPyConnection = _of_thread.connection
    return connection


def _own(calls: pa.Table) -> pa.Table:
    return calls.drop_columns(["document_id"]).combine_chunks()


def _printed(calls: pa.Table) -> Iterator[list[str]]:
    for row in calls.select(list(_PRINTED)).to_pylist():
        yield [
            f"{row['answered_at']:%Y-%m-%d %H:%M:%S}",
            row["trunk_id"] or "",
            words.DIRECTIONS.get(row["direction"], ""),
            row["calling"] or "",
            row["called"] or "",
            row["destination"] or "",
            words.count(row["billed_seconds"]),
            f"{row['charge'].normalize():f}",
        ]
