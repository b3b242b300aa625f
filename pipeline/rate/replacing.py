"""Replacing rows of the ledger: a correction is a further row that names the row it takes the place of.

Rows are replaced partition by partition and day by day. Each step is one commit that moves the partition's corrections
mark, so that of two writers who replace the same row one is refused. A row that would not change is not written, so
doing the same correction twice changes nothing the second time.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.ledger.errors import ConcurrentWriter
from pipeline.ledger.marks import corrections_mark
from pipeline.ledger.table import UsageLedger
from pipeline.rate.judge import Judgement
from pipeline.rate.legs import Row
from pipeline.rate.rows import Stamp, ledger_rows, with_records
from rating.batch import rate_batch
from rating.book import RateBook
from schemas.cdr import CDR_SCHEMA
from schemas.ledger import PRICE_FIELDS, USAGE_SCHEMA

TRIES = 5
"""How often a replacement is computed again when a worker of the partition committed in between."""
BEGINNING = date(1970, 1, 1)

_COMPARED = [
    "state", "duplicate_of", "period", "day", "reject_reason",
    *(name for name in CDR_SCHEMA.names if name not in {"raw", "reject_reason", "reject_detail"}),
    *PRICE_FIELDS,
]  # fmt: skip


def days_with(ledger: UsageLedger, leg_partition: int, where: pc.Expression) -> list[date]:
    """The days on which a partition has rows like that, replaced or not."""
    batches = ledger.scan_since(["day"], BEGINNING, leg_partition, where)
    return sorted({day for batch in batches for day in pc.unique(batch.column("day")).to_pylist()})


def current_rows(ledger: UsageLedger, leg_partition: int, day: date, where: pc.Expression) -> pa.Table:
    """The rows of a day that no other row replaces, in order of their record."""
    found = ledger.read(USAGE_SCHEMA.names, [day], leg_partition, where)
    replaced = {
        row_id
        for batch in ledger.scan_since(["replaces"], BEGINNING, leg_partition, pc.field("replaces").is_valid())
        for row_id in batch.column("replaces").to_pylist()
    }
    if replaced:
        found = found.filter(pc.invert(pc.is_in(found.column("row_id"), pa.array(sorted(replaced), pa.string()))))
    return found.sort_by([("partition", "ascending"), ("offset", "ascending"), ("record_index", "ascending")])


def rows_of(table: pa.Table) -> list[Row]:
    """What replacing rows need to know of them."""
    columns = (table.column(name).to_pylist() for name in ("row_id", "version", "state"))
    return [Row(*row) for row in zip(*columns, strict=True)]


def changed(old: pa.Table, new: pa.Table) -> pa.Array:
    """Positions of the rows that differ in anything but who computed them when with which book."""
    position = pa.array(np.arange(len(old)))
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("old", old.select(_COMPARED).append_column("place", position))
        connection.register("new", new.select(_COMPARED).append_column("place", position))
        query = "SELECT place FROM (SELECT * FROM new EXCEPT ALL SELECT * FROM old) ORDER BY place"
        return connection.sql(query).to_arrow_table().column("place").combine_chunks()


class Replacing(NamedTuple):
    """Rows to be written, and how many current rows were looked at for them."""

    looked_at: int
    rows: pa.Table


def rerated(old: pa.Table, cdrs: pa.RecordBatch, judgement: Judgement, book: RateBook, stamp: Stamp) -> Replacing:
    """The rows that take the place of `old`: their records, judged and rated. Unchanged ones are left out."""
    records, bookkeeping = with_records(cdrs, judgement, rows_of(old))
    rows = ledger_rows(records, rate_batch(records, book), bookkeeping, stamp)
    count = len(old)
    new = rows.slice(0, count).take(changed(old, rows.slice(0, count)))
    return Replacing(count, pa.concat_tables([new, rows.slice(count)]))


def commit_replacements(
    ledger: UsageLedger, leg_partitions: Iterable[int], replacing: Callable[[], Replacing]
) -> Replacing:
    """Compute rows from a fresh snapshot and commit them; compute them again if a worker committed in between.

    Returns what was written. Raises ConcurrentWriter after TRIES, and LedgerUnavailable.
    """
    marks = [corrections_mark(leg_partition) for leg_partition in leg_partitions]
    for tries_left in reversed(range(TRIES)):
        ledger.refresh()
        moved = {name: (ledger.mark(name) or 0) + 1 for name in marks}
        found = replacing()
        try:
            if len(found.rows):
                ledger.append(found.rows, moved)
        except ConcurrentWriter:
            if not tries_left:
                raise
        else:
            return found
    raise AssertionError("the last try returns or raises")


def each_day(ledger: UsageLedger, leg_partitions: Sequence[int], where: pc.Expression) -> Iterator[tuple[int, date]]:
    """Partitions and days that hold rows like that."""
    ledger.refresh()
    for leg_partition in leg_partitions:
        for day in days_with(ledger, leg_partition, where):
            yield leg_partition, day
