"""Flat JSON objects in columns: where the members of many records stand, found for all of them at once.

Only objects are read of which it is certain what any reader makes of them: printable ASCII without escapes, names that
are known and stand once, with at most one blank behind a comma or a colon. Quotes then stand around texts only, and a
colon stands behind each name. All other records are left to a decoder.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.mediation.columns import Mask
from pipeline.mediation.member_names import UNKNOWN, Names
from pipeline.mediation.record_bytes import Bytes, Places, RecordBytes

_QUOTE, _COLON, _COMMA, _BLANK = b'":, '
_OPEN, _CLOSE, _ESCAPE = b"{}\\"


class Members(NamedTuple):
    """All members of one name, in the order of their records; a record has at most one."""

    records: Places
    starts: Places
    """Where their values begin and end; texts without their quotes."""
    ends: Places
    is_text: Mask

    def where(self, rows: Mask) -> "Members":
        """Some of them."""
        if rows.all():
            return self
        return Members(self.records[rows], self.starts[rows], self.ends[rows], self.is_text[rows])


class Objects(NamedTuple):
    """What stands in the records."""

    members: Mapping[str, Members]
    readable: Mask
    """False where a decoder has to read the record; its members mean nothing."""


class _Names(NamedTuple):
    """What stands before colons, in the records that are printable; only texts do in an object."""

    records: Places
    opening: Places
    """Where the quotes stand."""
    closing: Places
    quote: Places
    """Which of all quotes the closing one is."""
    first: Places
    """Which are the first and the last ones of their records."""
    last: Places


class _Values(NamedTuple):
    """The values behind the names."""

    starts: Places
    ends: Places
    is_text: Mask


def read_objects(content: RecordBytes, known: Names) -> Objects:
    """Find the members of all records."""
    quotes = np.flatnonzero(content.data == _QUOTE)
    of_record = np.searchsorted(quotes, content.bounds)
    names, readable = _names(content, quotes, of_record)
    if not len(names.records):
        return Objects({}, readable)
    values, fit = _values(content, names, quotes, of_record)
    places = known.places(content.words, names.opening + 1, names.closing)
    fit &= places != UNKNOWN
    if not fit.all():
        readable[names.records.compress(~fit)] = False
    return Objects(_members(names.records, values, places, known.names, readable), readable)


def _names(content: RecordBytes, quotes: Places, of_record: Places) -> tuple[_Names, Mask]:
    """All names, and the records that have any and may be read."""
    quote = np.flatnonzero(content.data.take(quotes + 1) == _COLON)
    begins = np.searchsorted(quote, of_record)
    counts = np.diff(begins)
    is_some = counts > 0
    readable = content.is_printable(without=_ESCAPE) & is_some
    records = np.repeat(np.arange(content.number), counts)
    first, last = begins[:-1].compress(is_some), begins[1:].compress(is_some) - 1
    return _Names(records, quotes.take(quote - 1), quotes.take(quote), quote, first, last), readable


def _values(content: RecordBytes, names: _Names, quotes: Places, of_record: Places) -> tuple[_Values, Mask]:
    """The values, and which of them follow their name and are followed by the next one as an object's members are."""
    data, whole = content.data, names.records.take(names.first)
    starts = names.closing + 2
    starts += data.take(starts) == _BLANK
    is_text = quotes.take(names.quote + 1, mode="clip") == starts
    separators = np.empty(len(starts), np.int64)
    separators[:-1] = names.opening[1:] - 1
    separators[:-1] -= data.take(separators[:-1]) == _BLANK
    separators[names.last] = content.ends.take(whole) - 1
    separator = np.full(len(starts), _COMMA, np.uint8)
    separator[names.last] = _CLOSE
    ends = np.where(is_text, quotes.take(names.quote + 2, mode="clip"), np.maximum(separators, starts))
    fit = (data.take(separators) == separator) & (ends + is_text == separators)
    behind = names.quote + 2 * is_text + 1
    is_next = np.append(names.quote[1:] - 1 == behind[:-1], [True])
    is_next[names.last] = behind.take(names.last) == of_record[1:].take(whole)
    fit &= is_next
    begins = content.bounds.take(whole)
    fit[names.first] &= (names.opening.take(names.first) == begins + 1) & (data.take(begins) == _OPEN)
    fit[names.first] &= names.quote.take(names.first) == of_record.take(whole) + 1
    return _Values(starts + is_text, ends, is_text), fit


def _members(
    records: Places, values: _Values, places: Bytes, names: Sequence[str], readable: Mask
) -> Mapping[str, Members]:
    """The values of readable records by their names; of those that a record has twice, the first."""
    order = np.argsort(places, kind="stable")
    if not readable.all():
        order = order.compress(readable.take(records.take(order)))
    sorted_records, sorted_places = records.take(order), places.take(order)
    is_repeat = (sorted_records[1:] == sorted_records[:-1]) & (sorted_places[1:] == sorted_places[:-1])
    if is_repeat.any():
        readable[sorted_records[1:].compress(is_repeat)] = False
        order = np.delete(order, 1 + np.flatnonzero(is_repeat))
        sorted_records, sorted_places = records.take(order), places.take(order)
    starts, ends, is_text = values.starts.take(order), values.ends.take(order), values.is_text.take(order)
    borders = np.searchsorted(sorted_places, np.arange(len(names)), side="right").tolist()
    return {
        name: Members(sorted_records[one:two], starts[one:two], ends[one:two], is_text[one:two])
        for name, one, two in zip(names, [0, *borders], borders, strict=False)
        if two > one
    }
