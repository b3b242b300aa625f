"""The period of each call of a batch: the twin of `Period.containing` on columns."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rating.columns import Integers
from rating.timelines import to_microseconds
from schemas.period import Period


class Months(NamedTuple):
    """Months of one zone, one after the other: where each begins, in microseconds of UTC, and its name."""

    starts: Integers
    names: Sequence[str]


class PeriodColumn(NamedTuple):
    """The period of each row as a position in `names`."""

    names: Sequence[str]
    position: Integers


def periods_of(instants: Integers, zone: Integers, zones: Sequence[str]) -> PeriodColumn:
    """The month of `instants[i]`, microseconds of UTC, in the time zone `zones[zone[i]]`."""
    names: list[str] = []
    position = np.zeros(len(instants), np.int64)
    for number in np.flatnonzero(np.bincount(zone, minlength=len(zones))):
        rows = np.flatnonzero(zone == number)
        months = _months(zones[number], instants[rows])
        position[rows] = np.searchsorted(months.starts, instants[rows], side="right") - 1 + len(names)
        names += months.names
    return PeriodColumn(names, position)


def _months(zone: str, instants: Integers) -> Months:
    """The months that cover these instants; a year more on each side, for a zone may lie a day off UTC."""
    years = instants[[instants.argmin(), instants.argmax()]].astype("datetime64[us]").astype("datetime64[Y]")
    first, last = (int(year) + _EPOCH_YEAR for year in years.astype(np.int64))
    whole = [_year(zone, year) for year in range(max(first - 1, _YEAR_MIN), min(last + 1, _YEAR_MAX) + 1)]
    return Months(np.concatenate([year.starts for year in whole]), [name for year in whole for name in year.names])


_EPOCH_YEAR = 1970
_YEAR_MIN, _YEAR_MAX = 2, 9998
"""Years whose months a zone can count without leaving the calendar."""


@lru_cache(maxsize=1024)
def _year(zone: str, year: int) -> Months:
    names = [f"{year:04}-{month:02}" for month in range(1, 13)]
    starts = [to_microseconds(Period.month(name, zone).start) for name in names]
    return Months(np.array(starts, np.int64), names)
