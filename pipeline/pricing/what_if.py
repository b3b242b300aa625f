"""A period priced again with another deck or other plans: what would change for each account. Nothing is written.

Each row is priced with the book that it was rated with, revised in nothing but what is asked about, so that the
difference is due to that alone. Fair use is not applied again: an included call stays at 0 in both, as while streaming.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.pricing.revisions import Revision
from rating.batch import rate_batch
from rating.book import RateBook
from rating.columns import Integers
from rating.money import arrow_to_nanos, nanos_to_decimal
from rating.one_by_one import RATING_FIELDS
from schemas.cdr import CDR_SCHEMA
from schemas.outcomes import RejectReason, State

BATCH_ROWS = 131_072
_THREADS = os.cpu_count() or 1
PRICE_REASONS = (
    RejectReason.NO_PLAN,
    RejectReason.CLASS_BLOCKED,
    RejectReason.NO_DECK,
    RejectReason.NO_RATE,
    RejectReason.RATE_BLOCKED,
    RejectReason.RATE_UNPRICED,
    RejectReason.CHARGE_OVERFLOW,
)
"""Rejections that other prices may do away with."""

_ROWS = """
SELECT * FROM current
WHERE period = $period AND (state = 'RATED' OR (state = 'REJECTED' AND list_contains($reasons, reject_reason)))
"""
_RECORDED = ("cdr_id", "account_id", "trunk_id", "currency", "state", "charge")
_RECORDS = pa.schema([CDR_SCHEMA.field(name) for name in RATING_FIELDS])
_BY_ACCOUNT = ["account_id", "currency"]


class AccountChange(NamedTuple):
    """What would change for an account."""

    account_id: str | None
    currency: str | None
    calls: int
    changed_calls: int
    newly_priced: int
    newly_rejected: int
    charged: Decimal
    would_be: Decimal
    difference: Decimal


class CallChange(NamedTuple):
    """A call whose charge would change."""

    cdr_id: str
    account_id: str | None
    trunk_id: str | None
    called: str | None
    charged: Decimal
    would_be: Decimal
    difference: Decimal
    reject_reason: str | None


class WhatIf(NamedTuple):
    """The answer: every account whose calls were looked at, and the calls that change most."""

    accounts: list[AccountChange]
    calls: list[CallChange]


def what_if(
    connection: duckdb.DuckDBPyConnection,
    book_of: Callable[[str], RateBook],
    revision: Revision,
    period: str,
    *,
    top: int = 20,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> WhatIf:
    """Price the rows of a period again; `progress` hears how many rows are done, of how many.

    Raises what `Revision.of` raises.
    """
    sums: list[pa.Table] = []
    calls: list[pa.Table] = []
    counts = _rows_by_book(connection, period)
    total, looked_at = sum(counts.values()), 0
    for rows, compared in _compared(connection, book_of, revision, period, counts):
        sums.append(_summed(compared))
        calls = [_most_changed(pa.concat_tables([*calls, compared]), top)]
        looked_at += rows
        progress(looked_at, total)
    return WhatIf(_accounts(sums), [CallChange(**_money(row)) for row in _call_rows(calls)])


def _rows_by_book(connection: duckdb.DuckDBPyConnection, period: str) -> dict[str, int]:
    """How many rows of the period were rated with each book."""
    query = f"SELECT book_hash, count(*) FROM ({_ROWS}) GROUP BY book_hash ORDER BY book_hash"  # noqa: S608 - no input
    return dict(connection.execute(query, _parameters(period)).fetchall())


def _compared(
    connection: duckdb.DuckDBPyConnection,
    book_of: Callable[[str], RateBook],
    revision: Revision,
    period: str,
    hashes: Iterable[str],
) -> Iterator[tuple[int, pa.Table]]:
    """The rows of the period, and those that have a price with what they cost and would cost, in nanos."""
    with ThreadPoolExecutor(_THREADS) as pool:
        for book_hash in hashes:
            book = revision.of(book_of(book_hash))
            rows = connection.sql(
                f"SELECT {_columns()} FROM ({_ROWS}) WHERE book_hash = $book_hash",  # noqa: S608 - no input
                params=_parameters(period) | {"book_hash": book_hash},
            )
            yield from _side_by_side(pool, partial(_compare, book), rows.to_arrow_reader(BATCH_ROWS))


def _side_by_side(
    pool: ThreadPoolExecutor, compare: Callable[[pa.RecordBatch], pa.Table], batches: Iterable[pa.RecordBatch]
) -> Iterator[tuple[int, pa.Table]]:
    """Compare batches on every core, in their order; no more are in memory than there are threads, and one.

    The first is compared alone: it makes the columns and indexes of the book that all of them use.
    """
    in_work: deque[tuple[int, Future[pa.Table]]] = deque()
    waiting = iter(batches)
    yield from ((batch.num_rows, compare(batch)) for batch in islice(waiting, 1))
    for batch in waiting:
        in_work.append((batch.num_rows, pool.submit(compare, batch)))
        if len(in_work) > _THREADS:
            rows, compared = in_work.popleft()
            yield rows, compared.result()
    yield from ((rows, compared.result()) for rows, compared in in_work)


def _parameters(period: str) -> dict[str, object]:
    return {"period": period, "reasons": [str(reason) for reason in PRICE_REASONS]}


def _columns() -> str:
    """What rating reads of a record, then what was recorded."""
    return ", ".join([*(name for name in RATING_FIELDS if name not in _LEFT_OUT), *_RECORDED])


_LEFT_OUT = ("flags", "reject_reason", "reject_detail")
"""What no price depends on, and a rejection, as if it had not been."""


def _records(rows: pa.RecordBatch) -> pa.RecordBatch:
    """The rows as records that rating takes."""
    count = rows.num_rows
    no_flags = pa.ListArray.from_arrays(np.zeros(count + 1, np.int32), pa.array([], pa.string()))
    nothing = pa.nulls(count, pa.string())
    left_out = {"flags": no_flags, "reject_reason": nothing, "reject_detail": nothing}
    columns = [
        left_out[field.name] if field.name in left_out else rows.column(field.name).cast(field.type)
        for field in _RECORDS
    ]
    return pa.RecordBatch.from_arrays(columns, schema=_RECORDS)


def _compare(book: RateBook, batch: pa.RecordBatch) -> pa.Table:
    rated = rate_batch(_records(batch), book)
    charged, would_be = arrow_to_nanos(batch.column("charge")), arrow_to_nanos(rated.column("charge"))
    was_rated = pc.equal(batch.column("state"), State.RATED)
    is_rated = pc.equal(rated.column("state"), State.RATED)
    compared = pa.table(
        {
            "cdr_id": batch.column("cdr_id"),
            **{
                name: _either(batch.column(name), rated.column(name)) for name in ("account_id", "trunk_id", "currency")
            },
            "called": batch.column("called"),
            "reject_reason": rated.column("reject_reason"),
            "newly_priced": _ones(pc.and_not(is_rated, was_rated)),
            "newly_rejected": _ones(pc.and_not(was_rated, is_rated)),
            "changed_calls": pa.array((charged != would_be).astype(np.int64)),
            "charged": charged,
            "would_be": would_be,
            "difference": would_be - charged,
        }
    )
    has_price = pc.or_(was_rated, is_rated)
    return compared if pc.all(has_price).as_py() else compared.filter(has_price)


def _either(recorded: pa.Array, now: pa.Array) -> pa.Array:
    return pc.coalesce(recorded, now.cast(recorded.type)) if recorded.null_count else recorded


def _ones(flags: pa.Array) -> pa.Array:
    return flags.cast(pa.int64())


_SUMS = ("changed_calls", "newly_priced", "newly_rejected", "charged", "would_be", "difference")


def _summed(compared: pa.Table) -> pa.Table:
    """Counts and sums of each account, in nanos."""
    grouped = compared.group_by(_BY_ACCOUNT).aggregate([([], "count_all"), *((name, "sum") for name in _SUMS)])
    return grouped.rename_columns([*_BY_ACCOUNT, "calls", *_SUMS])


def _accounts(sums: Sequence[pa.Table]) -> list[AccountChange]:
    """Every account, the largest difference first."""
    if not sums:
        return []
    totals = pa.concat_tables(sums).group_by(_BY_ACCOUNT).aggregate([(name, "sum") for name in ("calls", *_SUMS)])
    rows = totals.rename_columns([*_BY_ACCOUNT, "calls", *_SUMS]).to_pylist()
    rows.sort(key=lambda row: (-abs(row["difference"]), row["account_id"] or "", row["currency"] or ""))
    return [AccountChange(**_money(row)) for row in rows]


def _most_changed(compared: pa.Table, top: int) -> pa.Table:
    """The `top` rows whose charge changes most, in that order; ties by cdr_id."""
    difference: Integers = compared.column("difference").to_numpy()
    changed = np.flatnonzero(difference)
    if len(changed) > top:
        floor = np.partition(np.abs(difference[changed]), -top)[-top]
        changed = changed[np.abs(difference[changed]) >= floor]
    rows = compared.take(pa.array(changed))
    size = pc.abs(rows.column("difference"))
    order = pc.sort_indices(
        pa.table({"size": size, "cdr_id": rows.column("cdr_id")}),
        sort_keys=[("size", "descending"), ("cdr_id", "ascending")],
    )
    return rows.take(order.slice(0, top))


def _call_rows(calls: Sequence[pa.Table]) -> list[dict[str, Any]]:
    return [row for table in calls for row in table.select(CallChange._fields).to_pylist()]


def _money(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its nanos as decimals."""
    return row | {name: nanos_to_decimal(row[name]) for name in ("charged", "would_be", "difference")}
