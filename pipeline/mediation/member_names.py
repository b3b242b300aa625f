"""Which of the known names stands at many places of a buffer: a hash table without collisions, in whole columns."""

from collections.abc import Sequence

import numpy as np

from pipeline.mediation.record_bytes import WORD, Bytes, Places, Words
from pipeline.mediation.word_values import FIRST_CHARACTERS, word_of

UNKNOWN = 255
_TABLE_BITS = 12
_CHARACTERS_MAX = 4 * WORD
_PART_FACTOR = 0x9E3779B97F4A7C15
"""Of the golden ratio, as Fibonacci hashing takes it."""
_FACTORS = range(0x2545F4914F6CDD1D, 1 << 63, 0x9E3779B97F4A7C16)
_NOTHING = -(1 << 30)
"""Length of what stands in the empty slots of the table; no text has it."""


class Names:
    """Names of members, each with its place in the list."""

    def __init__(self, names: Sequence[str]) -> None:
        """At most 254 names of at most 32 characters."""
        self.names = tuple(names)
        self._parts = [_part(names, at) for at in range(0, _CHARACTERS_MAX, WORD)]
        self._lengths = np.array([*map(len, names), _NOTHING], np.int32)
        self._factor, self._table = _table_of(_folded([part[:-1] for part in self._parts]))

    def places(self, words: Words, starts: Places, ends: Places) -> Bytes:
        """The place of the name that stands between these bytes; UNKNOWN where none of them does."""
        lengths = ends - starts
        longest = min(int(lengths.max(initial=0)), _CHARACTERS_MAX)
        parts = [
            words[starts + at] & FIRST_CHARACTERS.take(lengths - at, mode="clip")
            for at in range(0, max(longest, 2 * WORD), WORD)
        ]
        places = self._table.take(_slot(_folded(parts), self._factor).view(np.int64))
        same = self._lengths.take(places) == lengths
        for known, part in zip(self._parts, parts, strict=False):
            same &= known.take(places) == part
        return np.where(same, places, np.uint8(UNKNOWN))


def _part(names: Sequence[str], at: int) -> Words:
    return np.array([word_of(name[at : at + WORD]) for name in (*names, "")], np.uint64)


def _folded(parts: Sequence[Words]) -> Words:
    """The parts of each name mixed; parts behind its end are 0 and change nothing."""
    folded = parts[0]
    for number, part in enumerate(parts[1:], 1):
        folded = folded ^ (part * np.uint64(_PART_FACTOR * (2 * number - 1) & (1 << 64) - 1))
    return folded


def _slot(folded: Words, factor: np.uint64) -> Words:
    slot: Words = (folded * factor) >> np.uint64(64 - _TABLE_BITS)
    return slot


def _table_of(folded: Words) -> tuple[np.uint64, Bytes]:
    """A factor that gives every name a slot of its own, and the table; in empty slots is what follows the last name."""
    for number in _FACTORS:
        slots = _slot(folded, np.uint64(number))
        if len(np.unique(slots)) == len(slots):
            table = np.full(1 << _TABLE_BITS, len(slots), np.uint8)
            table[slots] = np.arange(len(slots))
            return np.uint64(number), table
    raise AssertionError("a name stands twice")
