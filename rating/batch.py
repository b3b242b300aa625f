"""The fast twin of `rating.call`: what a batch of calls costs, column by column.

Everything that depends on few facts (customer, deck row, kind of number, places of both ends) is computed once for
each of them, by the specification itself where it is not plain arithmetic, and taken by position. Calls that something
refuses are left to the specification, which says why in a sentence; `Rated.one_by_one` counts them.
"""

from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rating.batch_parts import Judged, Rows
from rating.book import RateBook
from rating.book_columns import book_columns
from rating.call import rate_call
from rating.charges_batch import charge_legs
from rating.columns import Integers
from rating.legs_batch import LEG_COLUMNS, read_legs
from rating.rated_columns import Exceptions, put_together, results_to_arrow
from rating.tables import is_null, is_true
from rating.trunks_batch import NOBODY
from schemas.cdr import CDR, Direction

RATING_FIELDS = (
    "received_at", "is_billed_leg", "calling", "called", "direction", "claimed_trunk_id", "user_name", "provider_id",
    "source_ip", "started_at", "answered_at", "measured_ms", "flags", "reject_reason", "reject_detail",
)  # fmt: skip
"""What rating reads of a record."""
_BLANK = CDR(
    source="", source_format="", partition="", offset=0, received_at=datetime.min.replace(tzinfo=UTC),
    raw_sha256=b"", cdr_id="", call_group_id="",
)  # fmt: skip


class Rated(NamedTuple):
    """The ratings of a batch, and how many of its rows the specification rated one by one."""

    rows: pa.RecordBatch
    one_by_one: int


def rate_batch(cdrs: pa.RecordBatch, book: RateBook) -> pa.RecordBatch:
    """Price a batch of CDR_SCHEMA; row i of the result, of RATED_SCHEMA, is what `rate_call` makes of row i."""
    return rate_counted(cdrs, book).rows


def rate_counted(cdrs: pa.RecordBatch, book: RateBook) -> Rated:
    """`rate_batch`, and how many rows did not go the fast way. The steps are those of `rate_call`."""
    columns = book_columns(book)
    at = _call_times(cdrs)
    # 1. What mediation rejected stays rejected, with its reason.
    is_rejected = ~is_null(cdrs.column("reject_reason"))
    # 2. A leg that is counted on another one costs nothing, and needs no customer.
    customer = columns.trunks.attach(cdrs, at)
    customer[is_rejected] = NOBODY
    is_billed = ~is_rejected & is_true(cdrs.column("is_billed_leg"))
    # 3. Whose call it is; 4. only answered legs cost money.
    is_lost = is_billed & (customer == NOBODY)
    is_answered = is_billed & ~is_lost & ~is_null(cdrs.column("answered_at"))
    # 5. What it costs: duration, direction, number, rate.
    priced = Rows(np.flatnonzero(is_answered), cdrs.num_rows)
    answered, answered_at, payer = priced.of(cdrs.select(LEG_COLUMNS)), at[priced.positions], customer[priced.positions]
    legs = read_legs(answered, answered_at, payer, columns)
    charges = charge_legs(answered, legs, answered_at, payer, columns)
    is_lost[priced.positions[~charges.is_plain]] = True
    judged = Judged(at, customer, is_rejected, is_billed, priced, legs, charges)
    exceptions = _one_by_one(cdrs, np.flatnonzero(is_lost), book)
    return Rated(put_together(cdrs, judged.parts(columns), judged.figures(), exceptions), len(exceptions.rows))


def _call_times(cdrs: pa.RecordBatch) -> Integers:
    """`rating.rated.call_time` of each row, microseconds of UTC."""
    times = pc.coalesce(*(cdrs.column(name) for name in ("answered_at", "started_at", "received_at")))
    instants: Integers = times.cast(pa.int64()).to_numpy()
    return instants


def _one_by_one(cdrs: pa.RecordBatch, rows: Integers, book: RateBook) -> Exceptions:
    """What the specification makes of these rows."""
    left = _read(cdrs.select(RATING_FIELDS).take(pa.array(rows))) if rows.size else []
    return Exceptions(rows, results_to_arrow([rate_call(cdr, book) for cdr in left]))


def _read(cdrs: pa.RecordBatch) -> list[CDR]:
    """The records as far as rating reads them."""
    rows = zip(*(column.to_pylist() for column in cdrs.columns), strict=True)
    read = [_BLANK._replace(**dict(zip(RATING_FIELDS, row, strict=True))) for row in rows]
    return [cdr._replace(direction=Direction(cdr.direction)) if cdr.direction else cdr for cdr in read]
