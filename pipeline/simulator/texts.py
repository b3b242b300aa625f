"""Many records as text at once: each part of a line is a choice from a short list, joined in columns.

A part that is one of a few thousand texts (a second of the day, four digits of an id, a trunk) is looked up, which is
much faster than formatting it; the text around it belongs to the choices, so that a missing part leaves nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.simulator.calls import Mask
from pipeline.simulator.parties import Positions
from pipeline.simulator.traffic import Millis

LINES_AT_ONCE = 8_192
"""So many lines stay in the processor's cache while they are put together."""
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
_QUARTER_MS = 900_000
"""Clocks are set, and days begin, on quarters of an hour everywhere."""
_EPOCH_DAY = datetime(1970, 1, 1, tzinfo=UTC)


class Coded(NamedTuple):
    """A column of texts by their position in a list; -1 is nothing."""

    choices: pa.Array
    at: Positions


class Whole(NamedTuple):
    """A column of whole numbers."""

    numbers: npt.NDArray[np.int64]


Part = Coded | Whole | str


def coded(before: str, choices: Sequence[str], index: Positions, after: str = "") -> Coded:
    """A part that is one of these texts."""
    return Coded(pa.array([f"{before}{choice}{after}" for choice in choices] + [""], pa.string()), index)


def identity(before: str, numbers: Positions, after: str = "") -> list[Coded]:
    """Eight digits of a number."""
    return [
        Coded(_four_digits(before, ""), numbers // 10_000 % 10_000),
        Coded(_four_digits("", after), numbers % 10_000),
    ]


def iso_instant(before: str, millis: Millis, known: Mask, after: str = '"', zone: str = "Z") -> list[Coded]:
    """`2026-10-05T12:34:56.789Z`."""
    return [
        *_day_and_second(before, "T", millis, known),
        Coded(_milliseconds(f"{zone}{after}"), np.where(known, millis % 1_000, -1)),
    ]


def zoned_stamp(millis: Millis, known: Mask, zone: str, pattern: str) -> list[Coded]:
    """`08:34:56.789`, then the date and the zone's abbreviation as `strftime` writes them by that pattern."""
    local = millis + local_offsets(millis, zone)
    return [
        Coded(_seconds_of_day(""), np.where(known, local % DAY_MS // 1_000, -1)),
        Coded(_milliseconds(""), np.where(known, local % 1_000, -1)),
        local_date(millis, known, zone, pattern),
    ]


def local_date(millis: Millis, known: Mask, zone: str, pattern: str) -> Coded:
    """The date in a zone, as `strftime` writes it."""
    quarters, at = np.unique(millis // _QUARTER_MS, return_inverse=True)
    names = [_quarter(int(quarter), zone).strftime(pattern) for quarter in quarters]
    return coded("", names, np.where(known, at, -1))


def local_time(millis: Millis, known: Mask, zone: str) -> Coded:
    """`08:34:56` in a zone."""
    local = millis + local_offsets(millis, zone)
    return Coded(_seconds_of_day(""), np.where(known, local % DAY_MS // 1_000, -1))


def separated(count: int, fields: Mapping[int, Sequence[Part]], separator: str = ",") -> list[Part]:
    """A line of so many columns; those that are not named, from 1, are empty."""
    parts: list[Part] = []
    gap = ""
    for position in range(1, count + 1):
        if position in fields:
            parts += [gap, *fields[position]] if gap else [*fields[position]]
            gap = ""
        gap += separator if position < count else "\n"
    return [*parts, gap]


def local_stamp(
    before: str, millis: Millis, known: Mask, zone: str, after: str = '"', *, between: str = " "
) -> list[Coded]:
    """`2026-10-05 08:34:56` of the clock in that zone."""
    date, second = _day_and_second(before, between, millis + local_offsets(millis, zone), known)
    return [date, second, Coded(pa.array([after, ""], pa.string()), np.where(known, 0, -1))]


def local_offsets(millis: Millis, zone: str) -> Millis:
    """How far the clock of a zone is ahead of UTC at each instant, in milliseconds."""
    quarters, at = np.unique(millis // _QUARTER_MS, return_inverse=True)
    offsets = [_offset_ms(int(quarter), zone) for quarter in quarters]
    return np.array(offsets, np.int64)[at]


def lines(parts: Sequence[Part], count: int) -> Iterator[pa.Array]:
    """Join the parts; a line ends where the last part ends."""
    for start in range(0, count, LINES_AT_ONCE):
        end = min(start + LINES_AT_ONCE, count)
        yield pc.binary_join_element_wise(*(_piece(part, start, end) for part in parts), "")


def _piece(part: Part, start: int, end: int) -> pa.Array | pa.Scalar:
    if isinstance(part, Coded):
        index = part.at[start:end]
        return part.choices.take(pa.array(np.where(index < 0, len(part.choices) - 1, index)))
    if isinstance(part, Whole):
        return pa.array(part.numbers[start:end]).cast(pa.string())
    return pa.scalar(part)


def _day_and_second(before: str, between: str, millis: Millis, known: Mask) -> list[Coded]:
    days = millis // DAY_MS
    first, last = (int(days.min()), int(days.max())) if len(days) else (0, -1)
    names = [(_EPOCH_DAY + timedelta(days=day)).date().isoformat() for day in range(first, last + 1)]
    date = coded(before, names, np.where(known, days - first, -1))
    return [date, Coded(_seconds_of_day(between), np.where(known, millis % DAY_MS // 1_000, -1))]


@lru_cache(maxsize=16)
def _seconds_of_day(before: str) -> pa.Array:
    names = [f"{before}{at // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d}" for at in range(86_400)]
    return pa.array([*names, ""], pa.string())


@lru_cache(maxsize=16)
def _milliseconds(after: str) -> pa.Array:
    return pa.array([*(f".{at:03d}{after}" for at in range(1_000)), ""], pa.string())


@lru_cache(maxsize=64)
def _four_digits(before: str, after: str) -> pa.Array:
    return pa.array([*(f"{before}{at:04d}{after}" for at in range(10_000)), ""], pa.string())


@lru_cache(maxsize=16_384)
def _offset_ms(quarter: int, zone: str) -> int:
    return (_quarter(quarter, zone).utcoffset() or timedelta()) // timedelta(milliseconds=1)


def _quarter(quarter: int, zone: str) -> datetime:
    """The local time at the beginning of a quarter of an hour since 1970."""
    return (_EPOCH_DAY + timedelta(milliseconds=quarter * _QUARTER_MS)).astimezone(ZoneInfo(zone))
