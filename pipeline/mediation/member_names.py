"""Which of the known names stands at many places of a buffer: a hash table without collisions, in whole columns."""

from collections.abc import Sequence

import numpy as np

from pipeline.mediation.record_bytes import WORD, Bytes, Places, Words
from pipeline.mediation.word_values import FIRST_CHARACTERS, word_of

UNKNOWN = 255
_TABLE_BITS = 12
_FACTOR_OF_SECOND = np.uint64(0x9E3779B97F4A7C15)
_LONG = 2 * WORD
_NOTHING = -1
"""Length of what stands in the empty slots of the table; no text has it."""
_FACTORS = range(0x2545F4914F6CDD1D, 1 << 63, 0x9E3779B97F4A7C16)


class Names:
    """Names of members, each with its place in the list."""

    def __init__(self, names: Sequence[str]) -> None:
        """At most 254 names of at most 24 characters."""
        self.names = tuple(names)
        parts = [[word_of(name[at : at + WORD]) for name in (*names, "")] for at in (0, WORD, _LONG)]
        self._parts = np.array(parts, np.uint64)
        self._lengths = np.array([*map(len, names), _NOTHING], np.int32)
        self._factor, self._table = _table_of(_folded(*self._parts[:2, :-1]))

    def places(self, words: Words, starts: Places, ends: Places) -> Bytes:
        """The place of the name that stands between these bytes; UNKNOWN where none of them does."""
        lengths = ends - starts
        first = words[starts] & FIRST_CHARACTERS[np.minimum(lengths, WORD)]
        second = words[starts + WORD] & FIRST_CHARACTERS[np.clip(lengths - WORD, 0, WORD)]
        places = self._table[_slot(_folded(first, second), self._factor)]
        same = (self._parts[0][places] == first) & (self._parts[1][places] == second)
        same &= self._lengths[places] == lengths
        long = np.flatnonzero(same & (lengths > _LONG))
        third = words[starts[long] + _LONG] & FIRST_CHARACTERS[np.minimum(lengths[long] - _LONG, WORD)]
        same[long] = self._parts[2][places[long]] == third
        return np.where(same, places, np.uint8(UNKNOWN))


def _folded(first: Words, second: Words) -> Words:
    folded: Words = first ^ (second * _FACTOR_OF_SECOND)
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
    raise AssertionError("two names begin with the same 16 characters")
