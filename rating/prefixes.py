"""Which row of a deck prices a number: the longest prefix in force at the answer (PRODUCT.md, Rating 5).

`Deck.match` is the specification: it tries the prefixes of a number from the longest to the shortest. `PrefixIndex`
is its twin for batches: the nested prefixes become disjoint stretches of the line of all numbers, each with the
timeline of the row that prices it, and a lookup is one binary search.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, Self

import numpy as np

from rating.columns import Integers
from rating.hours import read_hours
from rating.timelines import ALWAYS, Steps, Timelines, to_microseconds
from schemas.reference import Rate, RateDeck

DIGITS_MAX = 15
"""Digits of the longest E.164 number."""

NO_ROW = -1

NANP_PREFIX = "1"
"""Prefix of a row for the United States as a whole."""


def is_begun(rate: Rate, at: datetime) -> bool:
    """Whether an instant lies between the dates of a row. Half-open: its start does, its end does not."""
    return rate.effective_from <= at and (rate.effective_until is None or at < rate.effective_until)


def is_in_force(rate: Rate, at: datetime) -> bool:
    """Between its dates, and within its hours where it has some."""
    return is_begun(rate, at) and (rate.hours is None or read_hours(rate.hours).hold(at))


class Deck:
    """A rate deck ready for lookups: its rows in order of prefix and time, and the rows of each prefix."""

    def __init__(self, deck: RateDeck) -> None:
        self.deck_id = deck.deck_id
        self.currency = deck.currency
        self.rates = tuple(sorted(deck.rates, key=_order))
        self.hours = tuple(sorted({rate.hours for rate in deck.rates if rate.hours is not None}))
        """Hours that rows of the deck are bound to."""
        self.asks_caller = any(rate.caller_country is not None for rate in deck.rates)
        """Some rows hold for callers from one country only; `find` does not see these rows."""
        self._by_prefix = {prefix: tuple(rows) for prefix, rows in groupby(self.rates, lambda rate: rate.prefix)}
        self._indexes: dict[tuple[bool, ...], PrefixIndex] = {}
        self._longest = max((len(prefix) for prefix in self._by_prefix), default=0)

    def rows_of(self, digits: str) -> Iterator[Rate]:
        """Every row whose prefix begins the number, the longest prefix first, whether in force or not."""
        for length in range(min(len(digits), self._longest), 0, -1):
            yield from self._by_prefix.get(digits[:length], ())

    def match(self, digits: str, at: datetime, caller_country: str | None = None) -> Rate | None:
        """The row in force at that instant with the longest prefix; BLOCKED and UNPRICED rows win like any other.

        Of one prefix, a row for callers from that country goes before one for any caller.
        """
        held = (rate for rate in self.rows_of(digits) if rate.caller_country in {None, caller_country})
        return next((rate for rate in held if is_in_force(rate, at)), None)

    def find(self, keys: Integers, instants: Integers) -> Integers:
        """`match` of a column for any caller: position in `rates` of each number's row at its instant, or `NO_ROW`."""
        if not self.hours:
            return self._index_in(()).find(keys, instants)
        found = np.full(len(keys), NO_ROW, np.int64)
        holds = np.array([read_hours(hours).hold_column(instants) for hours in self.hours])
        for held in np.unique(holds, axis=1).T:
            rows = np.flatnonzero((holds == held[:, np.newaxis]).all(axis=0))
            index = self._index_in(tuple(held.tolist()))
            found[rows] = index.find(keys[rows], instants[rows])
        return found

    def _index_in(self, held: tuple[bool, ...]) -> "PrefixIndex":
        """The rows that hold while these of the deck's hours do; each index is built once."""
        if held not in self._indexes:
            hours = {hours for hours, holds in zip(self.hours, held, strict=False) if holds}
            self._indexes[held] = PrefixIndex.build(self.rates, frozenset(hours))
        return self._indexes[held]


def number_key(digits: int, length: int) -> int:
    """Position of a number on the line of all numbers, which is sorted as text: 44 < 440 < 4400 < 45.

    The digits are filled up to 15 with zeros, and the length decides between numbers that this makes equal.
    """
    fill = int(10 ** (DIGITS_MAX - length))
    return (digits * fill << 4) | length


_LENGTH_BITS = 0b1111
_FILL = np.array([10 ** (DIGITS_MAX - length) for length in range(DIGITS_MAX + 1)], np.int64)


def number_keys(digits: Integers, length: Integers) -> Integers:
    """`number_key` of a column of numbers of 0 to 15 digits."""
    return (digits * _FILL[length] << 4) | length


class PrefixIndex(NamedTuple):
    """Disjoint stretches of numbers: stretch k begins at key `starts[k]` and follows timeline `timeline[k]`."""

    starts: Integers
    timeline: Integers
    rows: Timelines

    @classmethod
    def build(cls, rates: Sequence[Rate], hours: frozenset[str] = frozenset()) -> Self:
        """Cut the line of numbers where a prefix begins or ends; `rates` are those of a deck, in its order.

        Rows that are bound to hours count only if `hours` has them, rows for some callers never.
        """
        starts, timeline, lines = [0], [0], [[(ALWAYS, NO_ROW)]]
        for_any = [row for row in enumerate(rates) if row[1].caller_country is None]
        held = [row for row in for_any if row[1].hours is None or row[1].hours in hours]
        for start, line in _stretches(held, lines):
            if starts[-1] == start:
                timeline[-1] = line
            else:
                starts.append(start)
                timeline.append(line)
        return cls(np.array(starts, np.int64), np.array(timeline, np.int64), Timelines.build(lines))

    def find(self, keys: Integers, instants: Integers) -> Integers:
        """Position of the row that prices each number at each instant, or `NO_ROW`."""
        stretch = np.searchsorted(self.starts, keys, side="right") - 1
        return self.rows.at(self.timeline[stretch], instants)


def _order(rate: Rate) -> tuple[str, bool, bool, datetime]:
    """By prefix; rows for some callers go before those for any, rows of some hours before those of any; by start."""
    return rate.prefix, rate.caller_country is None, rate.hours is None, rate.effective_from


def _stretches(held: Sequence[tuple[int, Rate]], lines: list[list[tuple[int, int]]]) -> Iterator[tuple[int, int]]:
    """Walk the prefixes in order of text; yield where each stretch begins and its timeline, a new one in `lines`."""
    open_prefixes = [(1 << 63, 0)]
    for prefix, rows in groupby(held, lambda row: row[1].prefix):
        start, end = number_key(int(prefix), len(prefix)), number_key(int(prefix) + 1, len(prefix)) & ~_LENGTH_BITS
        yield from _closed_before(start, open_prefixes)
        lines.append(_line_of(rows, lines[open_prefixes[-1][1]]))
        open_prefixes.append((end, len(lines) - 1))
        yield start, len(lines) - 1
    yield from _closed_before(1 << 62, open_prefixes)


def _closed_before(start: int, open_prefixes: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where the prefixes that end up to `start` give the line back to the prefix around them."""
    while open_prefixes[-1][0] <= start:
        end, _ = open_prefixes.pop()
        yield end, open_prefixes[-1][1]


def _line_of(rows: Iterable[tuple[int, Rate]], around: Steps) -> list[tuple[int, int]]:
    """The timeline of a prefix: rows of these hours, over rows of any hour, over the prefix around it."""
    placed = list(rows)
    bound = [row for row in placed if row[1].hours is not None]
    line = _overlay(around, (row for row in placed if row[1].hours is None))
    return _overlay(line, bound) if bound else line


def _overlay(around: Steps, rows: Iterable[tuple[int, Rate]]) -> list[tuple[int, int]]:
    """These rows while they are in force, what is around them otherwise."""
    steps: list[tuple[int, int]] = []
    free_from: int | None = ALWAYS
    for position, rate in rows:
        since = to_microseconds(rate.effective_from)
        if free_from is not None and free_from < since:
            steps += _clip(around, free_from, since)
        steps.append((since, position))
        free_from = None if rate.effective_until is None else to_microseconds(rate.effective_until)
    return steps if free_from is None else steps + _clip(around, free_from, None)


def _clip(steps: Steps, start: int, end: int | None) -> list[tuple[int, int]]:
    """The part of a timeline within `[start, end)`."""
    first = bisect_right(steps, start, key=itemgetter(0)) - 1
    later = (step for step in steps[first + 1 :] if end is None or step[0] < end)
    return [(start, steps[first][1]), *later]
