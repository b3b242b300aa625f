"""Rows of Arrow batches: columns that are not there, rows in another order."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]

_CHUNK = 65_536
_SAME_CHUNK = 16_384
_RUN_MIN = 50
"""Rows that have to stand together on average, so that it is faster to copy them in one piece."""


@lru_cache(maxsize=64)
def _unknown(data_type: pa.DataType) -> pa.Array:
    return pa.nulls(_CHUNK, data_type)


def unknown_column(data_type: pa.DataType, count: int) -> pa.Array:
    """A column of nulls; small ones share their memory."""
    return _unknown(data_type).slice(0, count) if count <= _CHUNK else pa.nulls(count, data_type)


def is_unknown(column: pa.Array) -> bool:
    """Whether a column holds nothing but nulls."""
    return bool(column.null_count == len(column))


@lru_cache(maxsize=64)
def _same(value: object, data_type: pa.DataType) -> pa.Array:
    return pa.repeat(pa.scalar(value, data_type), _SAME_CHUNK)


def same_in_all(value: object, data_type: pa.DataType, count: int) -> pa.Array:
    """A column that repeats one value; small ones share their memory."""
    if value is None:
        return unknown_column(data_type, count)
    if count > _SAME_CHUNK:
        return pa.repeat(pa.scalar(value, data_type), count)
    return _same(value, data_type).slice(0, count)


def batch_of(columns: Mapping[str, pa.Array], schema: pa.Schema, count: int) -> pa.RecordBatch:
    """A batch of that schema; fields without a column are unknown."""
    arrays = [
        columns[name] if name in columns else unknown_column(data_type, count)
        for name, data_type in zip(schema.names, schema.types, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def take_rows(batch: pa.RecordBatch, rows: npt.NDArray[np.integer]) -> pa.RecordBatch:
    """The rows at these positions, in this order; columns that hold nothing are not moved."""
    positions = pa.array(rows)
    arrays = [
        unknown_column(column.type, len(rows)) if is_unknown(column) else column.take(positions)
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=batch.schema)


def interleaved(
    batches: Sequence[pa.RecordBatch], positions: Sequence[npt.NDArray[np.integer]], kept: Sequence[Mask]
) -> pa.RecordBatch:
    """Put the rows of some batches together that are to be kept.

    `positions` say where each row belongs. Equal positions keep their order.
    """
    filled = [at for at, rows in enumerate(kept) if rows.any()]
    if len(filled) == 1 and kept[filled[0]].all():
        return batches[filled[0]]
    rows = np.flatnonzero(np.concatenate(kept))
    if not len(rows):
        return batches[0].slice(0, 0)
    rows = rows[np.argsort(np.concatenate(positions)[rows], kind="stable")]
    begins = np.cumsum([0, *(batch.num_rows for batch in batches)])
    of_batch = np.searchsorted(begins, rows, side="right") - 1
    runs = np.flatnonzero((np.diff(rows, prepend=-2) != 1) | (np.diff(of_batch, prepend=-1) != 0))
    if len(runs) * _RUN_MIN > len(rows):
        return take_rows(joined(batches), rows)
    starts = (rows - begins[of_batch])[runs].tolist()
    lengths = np.diff(runs, append=len(rows)).tolist()
    return _spliced(batches, list(zip(of_batch[runs].tolist(), starts, lengths, strict=True)), len(rows))


def _spliced(batches: Sequence[pa.RecordBatch], runs: Sequence[tuple[int, int, int]], count: int) -> pa.RecordBatch:
    """Runs of rows, each given by its batch, its first row and its length; `count` rows together."""
    schema = batches[0].schema
    known = [at for at in range(len(schema)) if not all(is_unknown(batch.column(at)) for batch in batches)]
    parts = [batch.select(known) for batch in batches]
    whole = pa.concat_batches([parts[batch].slice(start, length) for batch, start, length in runs])
    return batch_of(dict(zip(whole.schema.names, whole.columns, strict=True)), schema, count)


def joined(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    """Batches of one schema, one after the other; columns that hold nothing are not copied."""
    counts = [batch.num_rows for batch in batches]
    return _spliced(batches, [(at, 0, count) for at, count in enumerate(counts)], sum(counts))


def as_mask(column: pa.Array) -> Mask:
    """A boolean column without nulls as a mask."""
    return _bits(column, column.buffers()[1])


def known_rows(column: pa.Array) -> Mask:
    """Where a column holds something."""
    bits = column.buffers()[0] if column.null_count else None
    return np.ones(len(column), bool) if bits is None else _bits(column, bits)


def _bits(column: pa.Array, bits: pa.Buffer | None) -> Mask:
    if bits is None:
        return np.zeros(len(column), bool)
    upto = column.offset + len(column)
    mask: Mask = np.unpackbits(np.frombuffer(bits, np.uint8), count=upto, bitorder="little")[column.offset :].view(bool)
    return mask


def numbers_of(column: pa.Array) -> Numbers:
    """A column of whole numbers, or of instants as microseconds since 1970; anything where nothing is known."""
    data = column.buffers()[1]
    if data is None:
        return np.zeros(len(column), np.int64)
    width = np.dtype(f"i{column.type.byte_width}")
    return np.frombuffer(data, width)[column.offset : column.offset + len(column)].astype(np.int64)


def number_column(values: npt.NDArray[np.integer], known: Mask, data_type: pa.DataType) -> pa.Array:
    """A column of whole numbers or instants; unknown where nothing is known."""
    bits = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
    data = np.where(known, values, 0) if bits is not None else values
    width = np.dtype(f"i{data_type.byte_width}")
    return pa.Array.from_buffers(data_type, len(values), [bits, pa.py_buffer(np.ascontiguousarray(data, width))])
