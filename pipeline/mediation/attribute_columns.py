"""Attributes of packets in columns: the twin of `radius_text.attributes_of` for the attributes that are asked for.

Packets are read whose lines are printable ASCII, indented with tabs or blanks, and that have no vendor pairs, which
hold attributes under names of their own.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.mediation.columns import Mask
from pipeline.mediation.member_names import UNKNOWN, Names
from pipeline.mediation.record_bytes import WORD, Bytes, Places, RecordBytes
from pipeline.mediation.word_values import word_of

_LINE, _TAB, _BLANK, _EQUALS, _QUOTE, _DELETE = b'\n\t ="\x7f'
_PAIR = "AVPair"
_STRIPS_MAX = 8
"""Blanks or quotes in a row that are taken off one by one; packets with more are left to others."""


class Attributes(NamedTuple):
    """What the packets say."""

    texts: dict[str, pa.Array]
    """By name; null where a packet has no such attribute."""
    readable: Mask


class _Lines(NamedTuple):
    packets: Places
    starts: Places
    """Behind the indentation."""
    signs: Places
    """Where the first equals sign stands, or the line ends."""
    ends: Places


def read_attributes(values: Sequence[bytes], names: Names) -> Attributes:
    """The first attribute of each name in each packet."""
    content = RecordBytes.of(values, bytes([_LINE]))
    data, readable = content.data, content.is_printable(without=_DELETE, besides=bytes([_LINE, _TAB]))
    lines = _lines(content, readable)
    is_pair = (content.words[lines.signs - 1 - WORD] >> np.uint64(16)) == word_of(_PAIR)
    readable[lines.packets[is_pair]] = False
    is_spaced = (data[lines.signs - 1] == _BLANK) & (data[lines.signs + 1] == _BLANK) & (lines.signs < lines.ends)
    places = np.full(len(is_spaced), UNKNOWN, np.uint8)
    places[is_spaced] = names.places(content.words, lines.starts[is_spaced], lines.signs[is_spaced] - 1)
    at = np.flatnonzero(places != UNKNOWN)
    packets, starts, ends = lines.packets[at], lines.signs[at] + 2, lines.ends[at]
    for sign in (_BLANK, _QUOTE):
        starts, ends, is_bare = _stripped(data, starts, ends, sign)
        readable[packets[~is_bare]] = False
    texts = {
        name: _column(content, packets[rows], starts[rows], ends[rows])
        for place, name in enumerate(names.names)
        for rows in [np.flatnonzero(places[at] == place)]
    }
    return Attributes(texts, readable)


def _lines(content: RecordBytes, readable: Mask) -> _Lines:
    data = content.data
    borders = np.flatnonzero(data == _LINE).astype(np.int32)
    starts, ends = borders[:-1] + 1, borders[1:]
    packets = np.searchsorted(content.bounds, starts, side="right").astype(np.int32) - 1
    for _ in range(_STRIPS_MAX):
        is_indented = (data[starts] == _TAB) | (data[starts] == _BLANK)
        if not is_indented.any():
            break
        starts = starts + is_indented
    else:
        readable[packets[is_indented]] = False
    tabs = np.flatnonzero(data == _TAB)
    if len(tabs):
        line = np.searchsorted(starts, tabs, side="right") - 1
        inside = tabs[(line >= 0) & (tabs < ends[line])]
        readable[np.searchsorted(content.bounds, inside, side="right") - 1] = False
    equals = np.append(np.flatnonzero(data == _EQUALS).astype(np.int32), np.int32(len(data)))
    signs = np.minimum(equals[np.searchsorted(equals, starts)], ends)
    return _Lines(packets, starts, signs, ends)


def _stripped(data: Bytes, starts: Places, ends: Places, sign: int) -> tuple[Places, Places, Mask]:
    """Take this sign off both ends; false where there are too many."""
    is_bare = np.ones(len(starts), bool)
    for _ in range(_STRIPS_MAX):
        before = (starts < ends) & (data[starts] == sign)
        starts = starts + before
        behind = (starts < ends) & (data[ends - 1] == sign)
        ends = ends - behind
        is_bare = ~(before | behind)
        if is_bare.all():
            break
    return starts, ends, is_bare


def _column(content: RecordBytes, packets: Places, starts: Places, ends: Places) -> pa.Array:
    first = np.diff(packets, prepend=np.int32(-1)) != 0
    rows = np.full(content.number, -1, np.int32)
    rows[packets[first]] = np.arange(int(first.sum()), dtype=np.int32)
    return content.texts(starts[first], ends[first], rows)
