"""Lists of the calls of a document: CSV and Parquet for programs, short rows for the PDF."""

import io
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from pipeline.billing.documents import words

_PRINTED = ("answered_at", "trunk_id", "direction", "calling", "called", "destination", "billed_seconds", "charge")


def call_csv(calls: pa.Table) -> bytes:
    """Comma separated with a heading; times in UTC, money with nine decimals."""
    out = io.BytesIO()
    pa_csv.write_csv(_own(calls), out, pa_csv.WriteOptions(quoting_style="needed"))
    return out.getvalue()


def call_parquet(calls: pa.Table) -> bytes:
    """The same rows with their types."""
    out = io.BytesIO()
    pq.write_table(_own(calls), out, compression="zstd")
    return out.getvalue()


def printed_calls(calls: pa.Table) -> Sequence[Sequence[str]]:
    """Rows of the call list of a PDF."""
    return list(_printed(calls))


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
