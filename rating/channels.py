"""Channel-days of a trunk in a period, and what follows from them: the channel fee and the fair-use allowance.

A limit counts from its first local day on, whole days only, and the day on which a trunk ends does not count
(PRODUCT.md, Rating 10 and 11). Of two changes on one local day the later one counts.
"""

from collections.abc import Iterable
from datetime import date, datetime
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rating.charge import rounding_unit
from schemas.period import Period
from schemas.reference import Trunk

SECONDS_PER_MINUTE = 60


class DayLimit(NamedTuple):
    """The channel limit from a local day on."""

    first_day: date
    channel_limit: int


class Segment(NamedTuple):
    """Days `[first_day, end_day)` with one channel limit."""

    first_day: date
    end_day: date
    channel_limit: int

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.end_day - self.first_day).days

    @property
    def channel_days(self) -> int:
        """Channels times days."""
        return self.channel_limit * self.days


def local_day(instant: datetime, time_zone: str) -> date:
    """The day of an instant in an IANA zone."""
    return instant.astimezone(ZoneInfo(time_zone)).date()


def segments(limits: Iterable[DayLimit], first_day: date, end_day: date, ends: date | None = None) -> list[Segment]:
    """The stretches of equal limit within `[first_day, end_day)`; nothing before the first limit and from `ends` on."""
    end = end_day if ends is None else min(end_day, ends)
    in_order = sorted(limits, key=lambda limit: limit.first_day)
    by_day = {limit.first_day: limit.channel_limit for limit in in_order}
    days = [*by_day, end]
    found: list[Segment] = []
    for since, until in zip(by_day, days[1:], strict=True):
        segment = Segment(max(since, first_day), min(until, end), by_day[since])
        if segment.first_day >= segment.end_day:
            continue
        if found and found[-1].channel_limit == segment.channel_limit:
            segment = found.pop()._replace(end_day=segment.end_day)
        found.append(segment)
    return found


def trunk_segments(trunk: Trunk, period: Period, time_zone: str) -> list[Segment]:
    """The stretches of a trunk in a period of its account's zone; none before the trunk begins."""
    starts = local_day(trunk.effective_from, time_zone)
    in_order = sorted(trunk.channel_limits, key=lambda limit: limit.effective_from)
    limits = [
        DayLimit(max(local_day(limit.effective_from, time_zone), starts), limit.channel_limit) for limit in in_order
    ]
    ends = None if trunk.effective_until is None else local_day(trunk.effective_until, time_zone)
    return segments(limits, local_day(period.start, time_zone), local_day(period.end, time_zone), ends)


def days_of(period: Period, time_zone: str) -> int:
    """Local days of a period."""
    return (local_day(period.end, time_zone) - local_day(period.start, time_zone)).days


def exact_fee(price_nanos: int, channel_days: int, days_in_period: int) -> Fraction:
    """The channel fee before rounding, in nanos: the price of one channel for the whole period, by days."""
    return Fraction(price_nanos * channel_days, days_in_period)


def channel_fee(price_nanos: int, channel_days: int, days_in_period: int, decimals: int) -> int:
    """The channel fee in nanos, rounded once, half up, to so many decimals."""
    unit = rounding_unit(decimals)
    divisor = days_in_period * unit
    return (2 * price_nanos * channel_days + divisor) // (2 * divisor) * unit


def allowance_seconds(minutes_per_channel: int, channel_days: int, days_in_period: int) -> int:
    """Seconds that an UNLIMITED plan includes: rounded down to a whole second, once per trunk and period."""
    return minutes_per_channel * SECONDS_PER_MINUTE * channel_days // days_in_period
