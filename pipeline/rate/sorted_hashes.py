"""Millions of 64-bit hashes in sorted numpy arrays: 8 bytes each, found by bisection, added batch by batch.

Hashes lie in a few sorted runs. A new run is merged with those before it while they are less than four times as
long, so adding n hashes in small batches costs n log n, not n squared.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Hashes: TypeAlias = npt.NDArray[np.uint64]
Mask: TypeAlias = npt.NDArray[np.bool_]

_HALF = np.uint64(32)
_LOW_HALF = np.uint64(0xFFFF_FFFF)
_RUN_RATIO = 4


class _Run(NamedTuple):
    hashes: Hashes
    values: Hashes


class SortedHashes:
    """A multiset of hashes, each with a 64-bit value where values are given."""

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def __len__(self) -> int:
        return sum(len(run.hashes) for run in self._runs)

    def add(self, hashes: Hashes, values: Hashes | None = None) -> None:
        """Take in hashes of any order. Values are given for every batch or for none."""
        run = _Run(hashes, hashes[:0] if values is None else values)
        while self._runs and len(self._runs[-1].hashes) < _RUN_RATIO * len(run.hashes):
            before = self._runs.pop()
            run = _Run(*(np.concatenate(columns) for columns in zip(before, run, strict=True)))
        order = np.argsort(run.hashes)
        self._runs.append(_Run(run.hashes[order], run.values[order] if len(run.values) else run.values))

    def contain(self, hashes: Hashes) -> Mask:
        """Say for each hash whether it is here."""
        found, order = np.zeros(len(hashes), bool), np.argsort(hashes)
        for run in self._runs:
            _, rows = _first_equal(run.hashes, hashes, order)
            found[rows] = True
        return found

    def find(self, high: Hashes, low: Hashes) -> npt.NDArray[np.int64]:
        """Find keys of 96 bits: `high` is the hash, the upper half of `low` the rest of the key.

        Returns the lower half of the stored value, or -1 where the key is not here.
        """
        found, order = np.full(len(high), -1, np.int64), np.argsort(high)
        for run in self._runs:
            at, rows = _first_equal(run.hashes, high, order)
            while len(rows):
                stored = run.values[at]
                equal = stored >> _HALF == low[rows] >> _HALF
                found[rows[equal]] = stored[equal] & _LOW_HALF
                at, rows = _next_equal(run.hashes, high, at[~equal] + 1, rows[~equal])
        return found


def packed(low: Hashes, content: Hashes) -> Hashes:
    """The value that `find` expects: half of the key's second hash, half of the content's hash."""
    return (low >> _HALF << _HALF) | (content >> _HALF)


def content_half(content: Hashes) -> npt.NDArray[np.int64]:
    """The part of a content hash that `packed` keeps."""
    return (content >> _HALF).astype(np.int64)


def _first_equal(
    run: Hashes, hashes: Hashes, order: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Places and rows of the hashes that stand in the run; in `order` they are found several times as fast."""
    return _next_equal(run, hashes, np.searchsorted(run, hashes[order]), order)


def _next_equal(
    run: Hashes, hashes: Hashes, at: npt.NDArray[np.intp], rows: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Of `rows`, those whose hash stands at its place `at` of the run, with these places."""
    inside = at < len(run)
    at, rows = at[inside], rows[inside]
    equal = run[at] == hashes[rows]
    return at[equal], rows[equal]
