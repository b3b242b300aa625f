"""Stamps of a local clock in columns: the twin of `local_times.resolve` for all stamps that mean one instant."""

from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.columns import Mask, Numbers, as_mask, number_column
from pipeline.mediation.iso_columns import iso_stamps
from pipeline.mediation.local_times import candidates
from pipeline.mediation.text_columns import is_blank
from schemas.cdr import INSTANT

_SPAN_MAX = 100_000
"""Three years of quarters of an hour."""
_WHOLE_SECONDS = len("2026-10-01 12:00:00")
_QUARTER = timedelta(minutes=15)
_MICROSECOND = timedelta(microseconds=1)
_QUARTER_US = _QUARTER // _MICROSECOND
_YEARS_FROM, _YEARS_UNTIL = (int(np.datetime64(f"{year}-01-01", "us").astype(np.int64)) for year in (1000, 3000))
_BEGIN = datetime(1970, 1, 1)  # noqa: DTZ001 - local, of no zone
UNDECIDED = int(np.iinfo(np.int64).min)
"""Offset of a quarter of an hour that a clock shows twice, not at all, or in part."""


class LocalStamps(NamedTuple):
    """Local stamps without a zone."""

    micros: Numbers
    """Microseconds since 1970 of the local clock; 0 where there is none."""
    known: Mask
    readable: Mask
    """Blank, or a stamp with seconds that is in the calendar."""

    @classmethod
    def of(cls, texts: pa.Array, *, fractions: bool = False) -> "LocalStamps":
        """Read `2026-10-01 12:00:00`, with a fraction of a second where there may be one."""
        found, blank = iso_stamps(texts), is_blank(texts)
        known = found.readable & (found.values >= _YEARS_FROM) & (found.values < _YEARS_UNTIL)
        if not fractions:
            known &= as_mask(pc.equal(pc.binary_length(texts).fill_null(0), _WHOLE_SECONDS))
        return cls(np.where(known, found.values, 0), known, known | blank)


class Instants(NamedTuple):
    """Instants in UTC, and which of the rows have just one reading."""

    column: pa.Array
    decided: Mask


def in_zone(stamps: LocalStamps, zone: tzinfo) -> Instants:
    """The instants at which clocks of the zone show the stamps."""
    offsets, decided = offsets_in_zone(stamps, zone)
    return shifted(stamps, offsets, decided)


def shifted(stamps: LocalStamps, offsets: Numbers, decided: Mask) -> Instants:
    """Stamps less the offsets (microseconds) of their clocks."""
    micros = number_column(stamps.micros - offsets, stamps.known & decided, INSTANT)
    return Instants(micros, stamps.readable & (decided | ~stamps.known))


def offsets_in_zone(stamps: LocalStamps, zone: tzinfo) -> tuple[Numbers, Mask]:
    """The clock's offset at each stamp; undecided in a quarter of an hour that is repeated, left out, or cut."""
    quarters, at = distinct(quarters_of(stamps))
    found = np.array([offset_of_quarter(int(quarter), zone) for quarter in quarters], np.int64)
    offsets = found[at] if len(found) else np.zeros(0, np.int64)
    decided = offsets != UNDECIDED
    return np.where(decided, offsets, 0), decided


def quarters_of(stamps: LocalStamps) -> Numbers:
    """The quarter of an hour, counted since 1970, that each stamp is in; an offset changes only between them."""
    quarters: Numbers = stamps.micros // _QUARTER_US
    return quarters


def distinct(numbers: Numbers) -> tuple[Numbers, Numbers]:
    """The different numbers, and which of them each is; fast where those that are not 0 lie close together."""
    others = numbers[numbers != 0]
    least = int(others.min()) if len(others) else 0
    if not len(others) or int(others.max()) - least > _SPAN_MAX:
        found, at = np.unique(numbers, return_inverse=True)
        return found, at.reshape(-1)
    slots = np.where(numbers == 0, 0, numbers - least + 1)
    is_there = np.bincount(slots) > 0
    found = np.flatnonzero(is_there)
    return np.where(found == 0, 0, found + least - 1), (np.cumsum(is_there) - 1)[slots]


def quarter_begin(quarter: int) -> datetime:
    """The local time at which a quarter begins."""
    return _BEGIN + quarter * _QUARTER


@lru_cache(maxsize=65_536)
def offset_of_quarter(quarter: int, zone: tzinfo) -> int:
    """How far a clock of the zone is ahead in that quarter, microseconds; UNDECIDED where it is set."""
    first = quarter_begin(quarter)
    last = first + _QUARTER - _MICROSECOND
    try:
        readings = [(local, candidates(local, zone)) for local in (first, last)]
    except OverflowError:
        return UNDECIDED
    if any(len(instants) != 1 for _, instants in readings):
        return UNDECIDED
    begin, end = (local - instants[0].replace(tzinfo=None) for local, instants in readings)
    return begin // _MICROSECOND if begin == end else UNDECIDED
