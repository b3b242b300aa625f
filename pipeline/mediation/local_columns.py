"""Stamps of a local clock in columns: the twin of `local_times.resolve` for all stamps that mean one instant."""

from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.columns import Mask, Numbers, as_mask
from pipeline.mediation.local_times import candidates
from pipeline.mediation.text_columns import NO_TEXT, is_blank, mapped, matches
from schemas.cdr import INSTANT

_STAMP = "[12][0-9]{3}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]"
_FRACTION = r"(?:\.[0-9]{1,6})?"
_LOCAL = pa.timestamp("us")
_QUARTER = timedelta(minutes=15)
_MICROSECOND = timedelta(microseconds=1)
_QUARTER_US = _QUARTER // _MICROSECOND
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
        plain = matches(texts, f"^{_STAMP}{_FRACTION if fractions else ''}$")
        stamps = pc.if_else(pa.array(plain), texts, NO_TEXT)
        try:
            found = stamps.cast(_LOCAL)
        except pa.ArrowInvalid:
            found = mapped(stamps, _in_calendar, _LOCAL)
        known = as_mask(found.is_valid())
        return cls(found.cast(pa.int64()).fill_null(0).to_numpy(), known, known | is_blank(texts))


def _in_calendar(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


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
    micros = pa.array(stamps.micros - offsets, pa.int64(), mask=~(stamps.known & decided))
    return Instants(micros.cast(INSTANT), stamps.readable & (decided | ~stamps.known))


def offsets_in_zone(stamps: LocalStamps, zone: tzinfo) -> tuple[Numbers, Mask]:
    """The clock's offset at each stamp; undecided in a quarter of an hour that is repeated, left out, or cut."""
    quarters, at = np.unique(quarters_of(stamps), return_inverse=True)
    found = np.array([offset_of_quarter(int(quarter), zone) for quarter in quarters], np.int64)
    offsets = found[at.reshape(-1)] if len(found) else np.zeros(0, np.int64)
    decided = offsets != UNDECIDED
    return np.where(decided, offsets, 0), decided


def quarters_of(stamps: LocalStamps) -> Numbers:
    """The quarter of an hour, counted since 1970, that each stamp is in; an offset changes only between them."""
    quarters: Numbers = stamps.micros // _QUARTER_US
    return quarters


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
