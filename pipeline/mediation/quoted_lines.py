"""Lines of separated values in columns, for lines that follow the rules of CSV.

Where the separators stand is found for all lines at once, and only the wanted values are cut out. Lines with other
characters than printable ASCII, or with quotes where CSV has none, are left to the readers that repair them.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.columns import Mask, Numbers, same_in_all
from pipeline.mediation.record_bytes import Bytes, Places, RecordBytes
from pipeline.mediation.texts import FIELDS_MAX

_QUOTE, _DELETE = 0x22, 0x7F


class Cut(NamedTuple):
    """Lines with one number of values."""

    lines: Numbers
    """Which of the lines they are."""
    values: dict[int, pa.Array]
    """The wanted values by their place in the line, counted from 0; every one a text, empty where nothing stood."""
    width: int
    raw: pa.Array
    """The bytes of the lines."""


class _Separators(NamedTuple):
    """The separators outside of quotes; there is one behind every line too."""

    places: Places
    counts: Numbers
    """How many each line has, the one behind it included: the number of its values."""
    simple: Mask
    """Which lines follow the rules."""
    doubled: Places
    """The second ones of doubled quotes."""


def cut_lines(lines: Sequence[bytes], wanted: Collection[int], separator: str, shapes_max: int) -> Iterator[Cut]:
    """Cut the lines that can be, by their number of values, the most frequent numbers first."""
    content = RecordBytes.of(lines, separator.encode())
    found = _separators(content, ord(separator))
    frequency = np.bincount(found.counts[found.simple])
    for width in np.argsort(-frequency, kind="stable")[:shapes_max].tolist():
        if frequency[width] and 1 < width <= FIELDS_MAX:
            at = np.flatnonzero(found.simple & (found.counts == width))
            raw = content.records if len(at) == content.number else content.records.take(pa.array(at))
            yield Cut(at, _values(content, found, at, wanted), width, raw)


def _separators(content: RecordBytes, separator: int) -> _Separators:
    data = content.data
    marks = np.flatnonzero((data == separator) | (data == _QUOTE))[1:]
    is_quote = data.take(marks) == _QUOTE
    simple = content.is_printable(without=_DELETE)
    of_line = np.searchsorted(marks, content.bounds)
    quotes_upto = np.cumsum(is_quote, dtype=np.int32)
    quotes = np.diff(quotes_upto.take(of_line[1:] - 1), prepend=0)
    if (quotes % 2).any():
        simple &= quotes % 2 == 0
        kept = np.repeat(quotes % 2 == 0, np.diff(of_line))
        marks, is_quote = marks.compress(kept), is_quote.compress(kept)
        quotes_upto = np.cumsum(is_quote, dtype=np.int32)
    places = marks.compress(~is_quote & (quotes_upto & 1 == 0))
    pairs = marks.compress(is_quote)
    misplaced, doubled = _quotes(data, pairs[0::2], pairs[1::2], separator)
    simple[np.searchsorted(content.bounds, misplaced, side="right") - 1] = False
    return _Separators(places, np.diff(np.searchsorted(places, content.bounds)), simple, doubled)


def _quotes(data: Bytes, opening: Places, closing: Places, separator: int) -> tuple[Places, Places]:
    """Pairs of quotes that do not stand around a value, and those that continue one behind a quote of its own."""
    before, behind = data.take(opening - 1), data.take(closing + 1)
    doubled = before == _QUOTE
    fits = (doubled | (before == separator)) & ((behind == separator) | (behind == _QUOTE))
    return opening.compress(~fits), opening.compress(doubled)


def _values(content: RecordBytes, found: _Separators, at: Numbers, wanted: Collection[int]) -> dict[int, pa.Array]:
    width = int(found.counts[at[0]])
    first = (np.cumsum(found.counts) - found.counts)[at]
    behind = np.ascontiguousarray(found.places.take(first[:, None] + np.arange(width)).T)
    begins = content.bounds[at]
    doubled = _columns_of(found.doubled, begins, behind)
    blank = same_in_all("", pa.string(), len(at))
    values = {}
    for place in wanted:
        if place < width:
            starts = behind[place - 1] + 1 if place else begins
            is_quoted = content.data.take(starts) == _QUOTE
            starts, ends = starts + is_quoted, behind[place] - is_quoted
            texts = content.texts(starts, ends) if (starts < ends).any() else blank
            values[place] = pc.replace_substring(texts, '""', '"') if place in doubled else texts
    return values


def _columns_of(doubled: Places, begins: Places, behind: Places) -> set[int]:
    """The places of the values that hold doubled quotes, in most feeds only one."""
    line = np.searchsorted(begins, doubled, side="right") - 1
    of_these = (line >= 0) & (doubled < behind[-1].take(line))
    doubled, line = doubled.compress(of_these), line.compress(of_these)
    if not len(doubled):
        return set()
    place = int((behind[:, line[0]] < doubled[0]).sum())
    inside = doubled < behind[place].take(line)
    if place:
        inside &= doubled > behind[place - 1].take(line)
    if inside.all():
        return {place}
    return set(np.flatnonzero(np.bincount((behind[:, line] < doubled).sum(axis=0))).tolist())
