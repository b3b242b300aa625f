"""Times in ISO 8601 in columns: Arrow reads all of the usual form at once; where one is no time, words are read."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa

from pipeline.mediation.columns import Mask, numbers_of
from pipeline.mediation.record_bytes import Places, RecordBytes, Words
from pipeline.mediation.text_columns import known_where
from pipeline.mediation.word_times import instants, local_stamps
from pipeline.mediation.word_values import Read
from schemas.cdr import INSTANT

_SECONDS_END, _DOT = len("2026-10-01T12:00:00"), ord(".")
_FIRST_YEAR = int(np.datetime64("0001-01-01", "us").astype(np.int64))
"""No calendar of the specification has a year 0."""
_MINUTE, _SECOND = len("2026-10-01T12"), len("2026-10-01T12:00")


class _Form(NamedTuple):
    """How times are written; of what fits, Arrow reads nothing else."""

    between: int
    """What stands between date and hour."""
    zone: bytes
    is_length: Mask
    data_type: pa.DataType
    one_by_one: Callable[[Words, Places, Places], Read]

    @classmethod
    def of(cls, form: str, decimals: Sequence[int], data_type: pa.DataType, one_by_one: Callable[..., Read]) -> Self:
        """Times as this one, with so many decimals of the second before the zone."""
        seconds, zone = form[:_SECONDS_END], form[_SECONDS_END:].encode()
        lengths = [_SECONDS_END + bool(count) + count + len(zone) for count in decimals]
        is_length = np.array([length in lengths for length in range(max(lengths) + 2)])
        return cls(ord(seconds[len("2026-10-01")]), zone, is_length, data_type, one_by_one)


_INSTANTS = _Form.of("2026-10-01T12:00:00Z", [0, 3, 6], INSTANT, instants)
_STAMPS = _Form.of("2026-10-01 12:00:00", range(7), pa.timestamp("us"), local_stamps)


def iso_instants(texts: pa.Array) -> Read:
    """`2026-10-01T12:00:00.000Z` with no, three or six decimals, as microseconds since 1970."""
    return _read(texts, _INSTANTS)


def iso_stamps(texts: pa.Array) -> Read:
    """`2026-10-01 12:00:00` with up to six decimals, as microseconds since 1970 of the same clock."""
    return _read(texts, _STAMPS)


def _read(texts: pa.Array, form: _Form) -> Read:
    content = RecordBytes.of_texts(texts)
    starts, ends = content.bounds[:-1], content.ends
    usual = _has_form(content, starts, ends, form)
    try:
        micros = numbers_of(known_where(texts, usual).cast(form.data_type))
    except pa.ArrowInvalid:
        return form.one_by_one(content.words, starts, ends)
    return Read(micros, usual & (micros >= _FIRST_YEAR))


def _has_form(content: RecordBytes, starts: Places, ends: Places, form: _Form) -> Mask:
    """Length and signs; whether the rest are digits, and a time, is seen as they are read."""
    data, lengths = content.data, ends - starts
    usual = form.is_length.take(lengths, mode="clip")
    for place, sign in ((len("2026-10-01"), form.between), (_MINUTE, ord(":")), (_SECOND, ord(":"))):
        usual &= data.take(starts + place) == sign
    usual &= (data.take(starts + _SECONDS_END) == _DOT) | (lengths == _SECONDS_END + len(form.zone))
    return usual & (data.take(ends - 1) == form.zone[0]) if form.zone else usual
