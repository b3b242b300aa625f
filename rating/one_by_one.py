"""Rows of a batch that the specification rates one by one, for it alone says why a call is refused."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from rating.book import RateBook
from rating.call import rate_call
from rating.columns import Integers
from rating.rated_columns import Exceptions, results_to_arrow
from schemas.cdr import CDR, Direction, instants_of

RATING_FIELDS = (
    "received_at", "is_billed_leg", "calling", "called", "direction", "claimed_trunk_id", "user_name", "provider_id",
    "source_ip", "started_at", "answered_at", "measured_ms", "flags", "reject_reason", "reject_detail",
)  # fmt: skip
"""What rating reads of a record."""
_BLANK = CDR(
    source="", source_format="", partition="", offset=0, received_at=datetime.min.replace(tzinfo=UTC),
    raw_sha256=b"", cdr_id="", call_group_id="",
)  # fmt: skip
_PLACES = tuple(CDR._fields.index(name) for name in RATING_FIELDS)
_TIMES = ("received_at", "started_at", "answered_at")


def rate_one_by_one(cdrs: pa.RecordBatch, rows: Integers, book: RateBook) -> Exceptions:
    """What the specification makes of these rows."""
    left = _read(cdrs.select(RATING_FIELDS).take(pa.array(rows))) if rows.size else []
    return Exceptions(rows, results_to_arrow([rate_call(cdr, book) for cdr in left]))


def _read(cdrs: pa.RecordBatch) -> list[CDR]:
    """The records as far as rating reads them."""
    columns = {name: cdrs.column(name).to_pylist() for name in RATING_FIELDS if name not in _TIMES}
    columns |= {name: instants_of(cdrs.column(name)) for name in _TIMES}
    columns["direction"] = [Direction(text) if text else None for text in columns["direction"]]
    return [_blank_with(row) for row in zip(*(columns[name] for name in RATING_FIELDS), strict=True)]


def _blank_with(values: Sequence[object]) -> CDR:
    fields: list[Any] = list(_BLANK)
    for place, value in zip(_PLACES, values, strict=True):
        fields[place] = value
    return CDR._make(fields)
