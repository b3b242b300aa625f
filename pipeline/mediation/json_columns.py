"""Flat JSON objects in columns: where the members of many records stand, found for all of them at once.

Only objects are read of which it is certain what any reader makes of them: printable ASCII without escapes, names that
are known and stand once, with at most one blank behind a comma or a colon. Quotes then stand around texts only, and the
few bytes between one text and the next say whether it is a name or a value. All other records are left to a decoder.
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


class _Texts(NamedTuple):
    """All quoted texts of the records that are printable and have their quotes in pairs."""

    records: Places
    opening: Places
    """Where the quotes stand."""
    closing: Places
    following: Places
    """Where the next text of the record opens; behind the last one, where the record ends."""
    first: Places
    """Which are the first and the last ones of their records."""
    last: Places


class _Values(NamedTuple):
    """All names with the values that stand behind them."""

    at: Places
    """Which texts are the names."""
    starts: Places
    ends: Places
    is_text: Mask


def read_objects(content: RecordBytes, names: Names) -> Objects:
    """Find the members of all records."""
    texts, readable = _texts(content)
    if not len(texts.records):
        return Objects({}, readable)
    values = _values(content.data, content.bounds, texts, readable)
    places = names.places(content.words, texts.opening[values.at] + 1, texts.closing[values.at])
    records = texts.records[values.at]
    readable[records[places == UNKNOWN]] = False
    return Objects(_members(records, values, places, names.names, readable), readable)


def _texts(content: RecordBytes) -> tuple[_Texts, Mask]:
    quotes = np.flatnonzero(content.data == _QUOTE).astype(np.int32)
    counts = np.diff(np.searchsorted(quotes, content.bounds))
    readable = content.is_printable(without=_ESCAPE) & (counts % 2 == 0) & (counts > 0)
    if not readable.all():
        quotes, counts = quotes[np.repeat(readable, counts)], np.where(readable, counts, 0)
    opening, closing = quotes[0::2], quotes[1::2]
    counts //= 2
    ends = np.cumsum(counts)[readable]
    first, last = ends - counts[readable], ends - 1
    following = np.empty(len(opening), np.int32)
    following[:-1] = opening[1:]
    following[last] = content.bounds[1:][readable]
    return _Texts(
        np.repeat(np.arange(len(counts), dtype=np.int32), counts), opening, closing, following, first, last
    ), readable


def _values(data: Bytes, bounds: Places, texts: _Texts, readable: Mask) -> _Values:
    """Tell names from values by what stands between one text and the next: `:`, `,`, or `:` a value and `,`."""
    behind = data[texts.closing + 1]
    is_name = behind == _COLON
    start, end = texts.closing + 2, texts.following - 1
    is_last = np.zeros(len(start), bool)
    is_last[texts.last] = True
    if (start == end).any():
        start += (data[start] == _BLANK) & (start <= end)
        end = np.maximum(start, end - ((data[end] == _BLANK) & ~is_last))
    is_near = start == texts.following
    separator = np.full(len(start), _COMMA, np.uint8)
    separator[texts.last] = _CLOSE
    names_text = is_name & is_near
    fit = np.where(is_near, behind == separator, is_name & (data[end] == separator)) | (names_text & ~is_last)
    fit[1:] &= is_name[1:] != names_text[:-1]
    begin = bounds[texts.records[texts.first]]
    fit[texts.first] &= is_name[texts.first] & (texts.opening[texts.first] == begin + 1) & (data[begin] == _OPEN)
    if not fit.all():
        readable[texts.records[~fit]] = False
        is_name &= readable[texts.records]
    at = np.flatnonzero(is_name).astype(np.int32)
    is_text = names_text[at]
    behind_name = np.minimum(at + 1, len(start) - 1)
    starts = np.where(is_text, texts.opening[behind_name] + 1, start[at])
    return _Values(at, starts, np.where(is_text, texts.closing[behind_name], end[at]), is_text)


def _members(
    records: Places, values: _Values, places: Bytes, names: Sequence[str], readable: Mask
) -> Mapping[str, Members]:
    """The values by their names; of those that a record has twice, the first."""
    order = np.argsort(places, kind="stable")
    sorted_records, sorted_places = records[order], places[order]
    is_repeat = (sorted_records[1:] == sorted_records[:-1]) & (sorted_places[1:] == sorted_places[:-1])
    if is_repeat.any():
        readable[sorted_records[1:][is_repeat]] = False
        order = np.delete(order, 1 + np.flatnonzero(is_repeat))
        sorted_records, sorted_places = records[order], places[order]
    starts, ends, is_text = values.starts[order], values.ends[order], values.is_text[order]
    borders = np.searchsorted(sorted_places, np.arange(len(names)), side="right").tolist()
    return {
        name: Members(sorted_records[one:two], starts[one:two], ends[one:two], is_text[one:two])
        for name, one, two in zip(names, [0, *borders], borders, strict=False)
        if two > one
    }
