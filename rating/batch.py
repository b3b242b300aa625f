"""The fast twin of `rating.call`: what a batch of calls costs, column by column.

Everything that depends on few facts (customer, deck row, kind of number, places of both ends) is computed once for
each of them, by the specification itself where it is not plain arithmetic, and taken by position. Calls that something
refuses are left to the specification, which says why in a sentence; `Rated.one_by_one` counts those that it was asked
about.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rating.alike_batch import group_alike
from rating.batch_parts import Judged, Rows
from rating.book import RateBook
from rating.book_columns import book_columns
from rating.charges_batch import charge_legs
from rating.charging import NO_STOP
from rating.columns import Flags, Integers
from rating.legs_batch import LEG_COLUMNS, read_legs
from rating.one_by_one import rate_one_by_one
from rating.rated_columns import put_together
from rating.tables import is_null, is_true
from rating.trunks_batch import NOBODY


class Rated(NamedTuple):
    """The ratings of a batch, and how many of its rows the specification rated one by one."""

    rows: pa.RecordBatch
    one_by_one: int


def rate_batch(cdrs: pa.RecordBatch, book: RateBook) -> pa.RecordBatch:
    """Price a batch of CDR_SCHEMA; row i of the result, of BATCH_SCHEMA, is what `rate_call` makes of row i."""
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
    is_open = is_answered & is_null(cdrs.column("measured_ms"))
    # 5. What it costs: duration, direction, number, rate.
    priced = Rows(np.flatnonzero(is_answered & ~is_open), cdrs.num_rows)
    answered, answered_at, payer = priced.of(cdrs.select(LEG_COLUMNS)), at[priced.positions], customer[priced.positions]
    legs = read_legs(answered, answered_at, payer, columns)
    charges = charge_legs(answered, legs, answered_at, payer, columns)
    is_lost[priced.positions[~charges.is_plain]] = True
    judged = Judged(at, customer, is_rejected | is_open, is_billed, priced, legs, charges)
    lost = np.flatnonzero(is_lost)
    alike, period = group_alike(lost, cdrs.column("called"), judged, columns), judged.periods(columns)
    exceptions = rate_one_by_one(cdrs, alike.asked, book).repeated(lost, alike.answer, period.texts(lost))
    given = {"flags": cdrs.column("flags"), **_reasons(cdrs, is_open)}
    parts = [period, *judged.parts(columns)]
    return Rated(put_together(given, parts, judged.figures(), exceptions), len(alike.asked))


def _call_times(cdrs: pa.RecordBatch) -> Integers:
    """`rating.rated.call_time` of each row, microseconds of UTC."""
    times = pc.coalesce(*(cdrs.column(name) for name in ("answered_at", "started_at", "received_at")))
    instants: Integers = times.cast(pa.int64()).to_numpy()
    return instants


def _reasons(cdrs: pa.RecordBatch, is_open: Flags) -> dict[str, pa.Array]:
    """Why records are not priced: what mediation says, or that their release has not come."""
    columns = {name: cdrs.column(name) for name in ("reject_reason", "reject_detail")}
    if is_open.any():
        mask = pa.array(is_open)
        columns = {name: pc.if_else(mask, text, columns[name]) for name, text in zip(columns, NO_STOP, strict=True)}
    return columns
