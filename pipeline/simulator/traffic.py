"""When calls begin: an office's week in the trunk's own time zone, holidays, and one campaign burst a week.

Arrivals are a non-homogeneous Poisson process; for a given number of calls its instants are independent draws from
the profile, so the number of calls is exact (synthetic-load: counts, not odds).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Millis = npt.NDArray[np.int64]
"""Milliseconds since 1970, or a duration in milliseconds."""

STEP = timedelta(minutes=5)
STEP_MS = 300_000
WEEKDAY = (
    0.15, 0.12, 0.10, 0.10, 0.12, 0.20, 0.60, 2.0, 5.0, 8.0, 10.0, 9.5,
    6.5, 7.5, 10.0, 9.5, 8.5, 7.0, 4.5, 3.0, 2.0, 1.5, 0.9, 0.4,
)  # fmt: skip
"""Calls by local hour: two humps, a lunch dip; the busy hour has a tenth of the day."""
SATURDAY, SUNDAY = 0.25, 0.10
"""Share of a weekday; a public holiday is a Sunday."""
BURST_FACTOR = 5.0
BURST_STEPS = 4
"""A campaign multiplies the calls of one trunk by five for 20 minutes, once a week."""
_SATURDAY, _SUNDAY = 5, 6

HOLIDAYS = {
    "US": frozenset({date(2026, 9, 7), date(2026, 10, 12), date(2026, 11, 26), date(2026, 12, 25)}),
    "DE": frozenset({date(2026, 10, 3), date(2026, 12, 25), date(2026, 12, 26)}),
}


def week_of_trunk(start: datetime, days: int, zone: str, country: str, bursts: Sequence[int] = ()) -> Floats:
    """Relative rate of calls in each step of five minutes from `start` on; a campaign begins at each of `bursts`."""
    local, holidays = ZoneInfo(zone), HOLIDAYS.get(country, frozenset())
    hours = [start + timedelta(hours=hour) for hour in range(24 * days)]
    rates = np.repeat([_rate(instant.astimezone(local), holidays) for instant in hours], timedelta(hours=1) // STEP)
    for step in bursts:
        rates[step : step + BURST_STEPS] *= BURST_FACTOR
    return rates


def _rate(local: datetime, holidays: frozenset[date]) -> float:
    day = _SUNDAY if local.date() in holidays else local.weekday()
    share = {_SATURDAY: SATURDAY, _SUNDAY: SUNDAY}.get(day, 1.0)
    return WEEKDAY[local.hour] * share


def draw_starts(rates: Floats, shares: Floats, start: datetime) -> Millis:
    """The instant at which each share (0 to 1) of the calls of these rates has begun."""
    cumulative = np.concatenate([[0.0], np.cumsum(rates)])
    steps = np.interp(shares * cumulative[-1], cumulative, np.arange(len(cumulative)))
    starts: Millis = epoch_ms(start) + np.floor(steps * STEP_MS).astype(np.int64)
    return starts


def cut_week(week: Sequence[Floats], shares: Floats, blocks: int) -> list[slice]:
    """Steps of equal numbers of calls, at the same instants for all trunks; each has its share of the calls."""
    together = sum(share * rates / rates.sum() for share, rates in zip(shares, week, strict=True))
    cumulative = np.cumsum(together)
    inner = np.searchsorted(cumulative, cumulative[-1] * np.arange(1, blocks) / blocks)
    edges = [0, *(int(step) + 1 for step in inner), len(cumulative)]
    return [slice(begin, end) for begin, end in pairwise(edges)]


def epoch_ms(instant: datetime) -> int:
    """Milliseconds since 1970."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
