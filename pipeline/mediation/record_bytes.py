"""The bytes of many records in one buffer, and texts that are cut out of it without a Python object for each."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Places = npt.NDArray[np.signedinteger]
"""Positions of bytes in the buffer, or numbers of records."""
Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
"""Eight bytes each, the first one lowest."""

WORD = 8
_MARGIN = 32
"""Blank bytes before and behind the records, so that the words around any of their bytes can be read."""
_LAST_CONTROL = 31


@lru_cache(maxsize=64)
def _every_other(count: int) -> pa.Array:
    return pa.array(np.arange(0, 2 * count, 2, dtype=np.int32))


class RecordBytes(NamedTuple):
    """Records one behind the other."""

    joined: bytes
    """The bytes of all of them between two margins."""
    bounds: Places
    """Where each record begins; last, where the next one would."""
    between: int
    """How many bytes stand between one record and the next."""

    @classmethod
    def of(cls, values: Sequence[bytes], between: bytes = b"") -> Self:
        """Put the values together, with these bytes before, between and behind them; at most 2 GB."""
        bounds = np.full(len(values) + 1, _MARGIN, np.int32)
        bounds[1:] += np.cumsum(np.fromiter(map(len, values), np.int32, len(values)), dtype=np.int32)
        bounds += np.arange(len(bounds), dtype=np.int32) * len(between)
        margin = bytes(_MARGIN)
        return cls(between.join([margin[len(between) :], *values, margin]), bounds, len(between))

    @classmethod
    def of_texts(cls, texts: pa.Array) -> Self:
        """Put the texts of a column together; null is as good as empty."""
        _, offsets, buffer = texts.buffers()
        if not len(texts) or buffer is None:
            return cls.of([b""] * len(texts))
        bounds = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
        margin = bytes(_MARGIN)
        content = memoryview(buffer)[bounds[0] : bounds[-1]]
        return cls(b"".join([margin, content, margin]), bounds - bounds[0] + np.int32(_MARGIN), 0)

    @property
    def number(self) -> int:
        """How many records there are."""
        return len(self.bounds) - 1

    @property
    def data(self) -> Bytes:
        """All bytes, the margins included."""
        return np.frombuffer(self.joined, np.uint8)

    @property
    def inner(self) -> Bytes:
        """All bytes from the first record to the end of the last one."""
        return self.data[_MARGIN:-_MARGIN]

    @property
    def words(self) -> Words:
        """The word that begins at each byte."""
        words: Words = np.ndarray(len(self.data) - WORD + 1, "<u8", self.joined, strides=(1,))
        return words

    @property
    def ends(self) -> Places:
        """Where each record ends."""
        ends: Places = self.bounds[1:] - np.int32(self.between)
        return ends

    @property
    def records(self) -> pa.Array:
        """The records as a column."""
        buffer = pa.py_buffer(self.joined)
        if not self.between:
            return pa.BinaryArray.from_buffers(pa.binary(), self.number, [None, pa.py_buffer(self.bounds), buffer])
        borders = np.append(np.stack([self.bounds[:-1], self.ends], axis=1), self.bounds[-1:])
        pieces = pa.BinaryArray.from_buffers(pa.binary(), len(borders) - 1, [None, pa.py_buffer(borders), buffer])
        return pieces.take(_every_other(self.number))

    def texts(self, starts: Places, ends: Places, rows: Places | None = None) -> pa.Array:
        """Cut out texts, and put them into these rows' order; -1 is none.

        The texts are ASCII, do not overlap, and stand in the order of the buffer.
        """
        if not len(starts):
            return pa.nulls(0 if rows is None else len(rows), pa.string())
        borders = np.empty(2 * len(starts), np.int32)
        borders[0::2], borders[1::2] = starts, ends
        pieces = pa.StringArray.from_buffers(len(borders) - 1, pa.py_buffer(borders), pa.py_buffer(self.joined))
        if rows is None:
            return pieces.take(_every_other(len(starts)))
        return pieces.take(pa.array(2 * rows, mask=rows < 0))

    def is_printable(self, *, without: int, besides: bytes = b"") -> npt.NDArray[np.bool_]:
        """Which records are ASCII without this character, and without control characters (0 to 31) besides these."""
        data = self.inner
        plain = np.ones(self.number, bool)
        if len(data) and data.view(np.int8).min() <= _LAST_CONTROL:
            controls = data.view(np.int8) <= _LAST_CONTROL
            for allowed in besides:
                controls &= data != allowed
            plain[self.records_at(controls)] = False
        if without in self.joined:
            plain[self.records_at(data == without)] = False
        return plain

    def records_at(self, data: npt.NDArray[np.bool_]) -> Places:
        """The records that hold these of the inner bytes."""
        return (np.searchsorted(self.bounds, np.flatnonzero(data) + _MARGIN, side="right") - 1).astype(np.int32)
