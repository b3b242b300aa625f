"""Lists of the calls of a document: CSV and Parquet for programs, short rows for the PDF.

The database writes the lines (`sql/call_list.sql`); a document names its CSV file by the hash of its bytes.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.billing.document import CallDigest
from pipeline.billing.documents import words
from pipeline.billing.snapshot import Snapshot, query

COLUMNS = (
    "sign", "service_period", "answered_at", "trunk_id", "direction", "calling", "called", "destination",
    "charge_kind", "call_scope", "call_seconds", "billed_seconds", "rate_per_minute", "connection_fee", "charge",
    "overage_seconds", "overage_charge", "currency", "cdr_id",
)  # fmt: skip
"""What customers get of a call."""

HEADING = ",".join(COLUMNS) + "\n"
NO_CALLS = CallDigest(count=0, sha256=sha256(HEADING.encode()).hexdigest())
"""A document without calls: the hash of the heading alone."""

_PRINTED = ("answered_at", "trunk_id", "direction", "calling", "called", "destination", "billed_seconds", "charge")
_OF_FEW_VALUES = (
    "sign", "service_period", "trunk_id", "direction", "destination", "charge_kind", "call_scope", "rate_per_minute",
    "connection_fee", "currency",
)  # fmt: skip
_LINE = pa.large_binary()


class CallLists(NamedTuple):
    """Lists of calls by the place of their document; each has the columns `COLUMNS` and `line`."""

    by_place: Mapping[str, pa.Table]
    nothing: pa.Table

    def of(self, place: str) -> pa.Table:
        """The list of one document; one without calls has none."""
        return self.by_place.get(place, self.nothing)


def place_of(account_id: str, root: str | None) -> str:
    """The place of a document that has no number yet, as `sql/moved_listing.sql` names it."""
    return f"{account_id}\n{root or ''}"


def call_lists(snapshot: Snapshot) -> CallLists:
    """The calls of the view `listing`, in the order of their files."""
    calls = snapshot.arrow(query("call_list"))
    calls = calls.set_column(calls.num_columns - 1, "line", calls.column("line").cast(_LINE))
    lengths = calls.column("place").value_counts().to_pylist() if len(calls) else []
    ends = np.cumsum([0, *(found["counts"] for found in sorted(lengths, key=lambda found: found["values"]))])
    places = sorted(found["values"] for found in lengths)
    by_place = {
        place: calls.slice(start, end - start) for place, (start, end) in zip(places, pairwise(ends), strict=True)
    }
    return CallLists(by_place, calls.slice(0, 0))


def digest_of(calls: pa.Table) -> CallDigest:
    """Number of calls, and the hash of their CSV file."""
    digest = sha256(HEADING.encode())
    for piece in _lines(calls):
        digest.update(piece)
    return CallDigest(count=len(calls), sha256=digest.hexdigest())


def call_csv(calls: pa.Table) -> bytes:
    """Comma separated with a heading; times in UTC, money with nine decimals."""
    return b"".join([HEADING.encode(), *_lines(calls)])


def call_parquet(calls: pa.Table) -> bytes:
    """The same rows with their types."""
    out = io.BytesIO()
    rows = calls.select(list(COLUMNS)).combine_chunks()
    pq.write_table(
        rows, out, compression="zstd", compression_level=1, use_dictionary=list(_OF_FEW_VALUES), write_statistics=False
    )
    return out.getvalue()


def printed_calls(calls: pa.Table) -> Sequence[Sequence[str]]:
    """Rows of the call list of a PDF."""
    return list(_printed(calls))


def _lines(calls: pa.Table) -> Iterator[memoryview]:
    """The lines as they lie in memory, without a copy."""
    for chunk in calls.column("line").chunks:
        offsets = np.frombuffer(chunk.buffers()[1], np.int64)[chunk.offset : chunk.offset + len(chunk) + 1]
        yield memoryview(chunk.buffers()[2])[offsets[0] : offsets[-1]]


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
