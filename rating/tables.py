"""Small tables of ledger columns that a batch takes its rows from, and how their rows become the columns of a batch.

Each table ends with a row of nulls, for calls that have none of it.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from rating.columns import Flags, Integers
from rating.rated import RATED_SCHEMA


def table_of(**columns: Any) -> pa.RecordBatch:  # noqa: ANN401 - whatever makes an Arrow array
    """Columns of RATED_SCHEMA by their names, with a row of nulls at the end."""
    schema = pa.schema([RATED_SCHEMA.field(name).with_nullable(nullable=True) for name in columns])
    arrays = [pa.array(column, field.type) for column, field in zip(columns.values(), schema, strict=True)]
    ended = [pa.concat_arrays([array, pa.nulls(1, array.type)]) for array in arrays]
    return pa.RecordBatch.from_arrays(ended, schema=schema)


def nothing(table: pa.RecordBatch) -> int:
    """Position of the row of nulls."""
    return int(table.num_rows - 1)


_BYTES: dict[int, np.dtype[Any]] = {4: np.dtype(np.int32), 8: np.dtype(np.int64), 16: np.dtype(np.complex128)}
"""Values of so many bytes, to be moved and never computed with."""


def taken_columns(table: pa.RecordBatch, position: Integers) -> list[pa.Array]:
    """`column.take(position)` of each column, texts as dictionaries.

    Of columns with nulls several times as fast: those that have theirs in the same rows share the marks of them.
    """
    marks: dict[bytes, pa.Buffer] = {}
    return [_taken(column, position, marks) for column in map(_encoded, table.columns)]


def _encoded(column: pa.Array) -> pa.Array:
    return column.dictionary_encode() if column.type == pa.string() else column


def _taken(column: pa.Array, position: Integers, marks: dict[bytes, pa.Buffer]) -> pa.Array:
    """Numbers, decimals or dictionary codes."""
    if isinstance(column, pa.DictionaryArray):
        indices = _taken(column.indices, position, marks)
        return pa.DictionaryArray.from_arrays(indices, column.dictionary, safe=False)
    _, values = column.buffers()
    rows = np.frombuffer(values, _BYTES[column.type.byte_width])[column.offset :]
    known = None
    if column.null_count:
        is_known = ~is_null(column)
        pattern = is_known.tobytes()
        if pattern not in marks:
            marks[pattern] = marks_of(is_known.take(position))
        known = marks[pattern]
    return pa.Array.from_buffers(column.type, len(position), [known, pa.py_buffer(rows.take(position))])


def marks_of(is_known: Flags) -> pa.Buffer:
    """Which values of a column are not missing, as Arrow keeps it."""
    return pa.py_buffer(np.packbits(is_known, bitorder="little"))


def integers(values: Iterable[int]) -> Integers:
    """A column of whole numbers."""
    return np.array(list(values), np.int64)


def is_null(column: pa.Array) -> Flags:
    """Which values are missing."""
    nulls: Flags = column.is_null().to_numpy(zero_copy_only=False)
    return nulls


def is_true(column: pa.Array) -> Flags:
    """Which values of a column without nulls are true."""
    flags: Flags = column.to_numpy(zero_copy_only=False)
    return flags
