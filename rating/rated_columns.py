"""The ratings of a batch, put together from small tables and positions in them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from rating.columns import Flags, Integers
from rating.money import nanos_to_arrow
from rating.rated import BATCH_SCHEMA, RATED_SCHEMA, RatedCall, RejectedCDR
from rating.tables import marks_of, taken_columns
from schemas.ledger import PRICE_FIELDS
from schemas.outcomes import State


class Part(NamedTuple):
    """Columns of the result that are taken together: row i is row `position[i]` of the table."""

    table: pa.RecordBatch
    position: Integers

    def only_used(self) -> "Part":
        """The same rows, out of a table that holds nothing else."""
        used = np.flatnonzero(np.bincount(self.position, minlength=self.table.num_rows))
        if len(used) == self.table.num_rows:
            return self
        place = np.empty(self.table.num_rows, np.int64)
        place[used] = np.arange(len(used))
        return Part(self.table.take(pa.array(used)), place[self.position])

    def texts(self, rows: Integers) -> pa.Array:
        """The only column of the part in some rows."""
        return self.table.column(0).take(pa.array(self.position[rows]))

    def columns(self) -> dict[str, pa.Array]:
        """The rows, column by column as in BATCH_SCHEMA."""
        return dict(zip(self.table.schema.names, taken_columns(self.table, self.position), strict=True))


class Figures(NamedTuple):
    """Columns of the result that are numbers of their own."""

    call_seconds: Integers
    billed_seconds: Integers
    charge_nanos: Integers
    has_none: Flags
    """Rows that are rejected."""


class Exceptions(NamedTuple):
    """Rows of the batch that the specification rated, and its results, of RATED_SCHEMA."""

    rows: Integers
    results: pa.RecordBatch

    def repeated(self, rows: Integers, answer: Integers, period: pa.Array) -> "Exceptions":
        """Answer `answer[i]` for row `rows[i]` of the batch, in the period of that row."""
        results = self.results.take(pa.array(answer))
        return Exceptions(rows, results.set_column(RATED_SCHEMA.get_field_index("period"), "period", period))

    def patched(self, part: Part) -> Part:
        """The part with these rows, and the table that they are taken from behind it."""
        tables = [part.table, self.results.select(part.table.schema.names)]
        arrays = [pa.concat_arrays([table.column(i) for table in tables]) for i in range(part.table.num_columns)]
        part.position[self.rows] = part.table.num_rows + np.arange(len(self.rows))
        return Part(pa.RecordBatch.from_arrays(arrays, part.table.schema.names), part.position)

    def replaced(self, name: str, column: pa.Array) -> pa.Array:
        """A column with the values of these rows."""
        order = np.arange(len(column))
        order[self.rows] = len(column) + np.arange(len(self.rows))
        return pa.concat_arrays([column, self.results.column(name)]).take(pa.array(order))


def put_together(
    columns: Mapping[str, pa.Array], parts: Sequence[Part], figures: Figures, exceptions: Exceptions
) -> pa.RecordBatch:
    """Take every part by its positions; `columns` are flags and reasons, which each row has of its own.

    A text that many rows have is encoded once for the part, so that its rows are numbers.
    """
    flags = columns["flags"]
    columns = {
        **columns,
        "call_seconds": _masked(pa.array(figures.call_seconds), figures.has_none),
        "billed_seconds": _masked(pa.array(figures.billed_seconds), figures.has_none),
        "charge": _masked(nanos_to_arrow(figures.charge_nanos), figures.has_none),
    }
    if exceptions.rows.size:
        columns = {name: exceptions.replaced(name, column) for name, column in columns.items() if name != "flags"}
        columns["flags"] = flags
    for part in parts:
        used = part.only_used()
        columns |= (exceptions.patched(used) if exceptions.rows.size else used).columns()
    return pa.RecordBatch.from_arrays([columns[name] for name in BATCH_SCHEMA.names], schema=BATCH_SCHEMA)


def _masked(column: pa.Array, has_none: Flags) -> pa.Array:
    return pa.Array.from_buffers(column.type, len(column), [marks_of(~has_none), *column.buffers()[1:]])


def results_to_arrow(results: Sequence[RatedCall | RejectedCDR]) -> pa.RecordBatch:
    """Results of `rate_call` as a batch of RATED_SCHEMA."""
    rows = [_row(result) for result in results]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(RATED_SCHEMA)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, RATED_SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=RATED_SCHEMA)


_NO_PRICE = (None,) * len(PRICE_FIELDS)


def _row(result: RatedCall | RejectedCDR) -> tuple[object, ...]:
    if isinstance(result, RejectedCDR):
        flags = tuple(result.cdr.flags)
        return (State.REJECTED, result.period, result.reason, result.detail, flags, *_NO_PRICE)
    return (State.RATED, result.period, None, None, *result[2:])
