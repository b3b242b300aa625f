"""Calls of trunks cut at the midnights of their accounts, so that each trunk and day is counted by itself."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from rating.columns import Integers
from rating.concurrency_batch import NO_LIMIT, Held, Limits
from rating.timelines import to_microseconds


class Calendar(NamedTuple):
    """The local days of a month in one zone; `midnights` has one more entry than there are days."""

    days: tuple[date, ...]
    midnights: Integers
    """In microseconds of UTC."""

    @classmethod
    def month(cls, first: date, days: int, time_zone: str) -> "Calendar":
        """The days from `first` on."""
        zone = ZoneInfo(time_zone)
        dates = [first + timedelta(days=number) for number in range(days + 1)]
        instants = [to_microseconds(datetime(day.year, day.month, day.day, tzinfo=zone)) for day in dates]
        return cls(tuple(dates[:-1]), np.array(instants, np.int64))


class LimitStep(NamedTuple):
    """The channel limit from an instant on, in microseconds of UTC; NO_LIMIT where the trunk has ended."""

    since_us: int
    channel_limit: int


def cut_at_midnights(held: Held, calendar: Calendar) -> Held:
    """The parts of calls within the days of a calendar; part of day d of trunk t is on trunk `t x days + d`."""
    days, midnights = len(calendar.days), calendar.midnights
    is_inside = (held.from_us < midnights[-1]) & (held.until_us > midnights[0]) & (held.from_us < held.until_us)
    held = held.take(np.flatnonzero(is_inside))
    first = np.searchsorted(midnights, held.from_us, side="right") - 1
    last = np.minimum(np.searchsorted(midnights, held.until_us, side="left") - 1, days - 1)
    parts = last - np.maximum(first, 0) + 1
    row = np.repeat(np.arange(len(parts)), parts)
    day = np.arange(len(row)) - np.repeat(np.cumsum(parts) - parts, parts) + np.maximum(first, 0)[row]
    return Held(
        held.trunk[row] * days + day,
        np.maximum(held.from_us[row], midnights[day]),
        np.minimum(held.until_us[row], midnights[day + 1]),
        held.goes_on[row] | (day > first[row]),
    )


def day_limits(steps: Mapping[int, Iterable[LimitStep]], calendar: Calendar) -> Limits:
    """The limits of trunks 0 to n - 1, each day by itself: what holds at midnight, and what changes in the day."""
    days, midnights = len(calendar.days), calendar.midnights
    rows: list[tuple[int, int, int]] = []
    for trunk, own in steps.items():
        in_order = sorted(own)
        for day in range(days):
            start, end = int(midnights[day]), int(midnights[day + 1])
            begun = [step for step in in_order if step.since_us <= start]
            if begun:
                rows.append((trunk * days + day, start, begun[-1].channel_limit))
            rows += [(trunk * days + day, step.since_us, step.channel_limit) for step in in_order
                     if start < step.since_us < end]  # fmt: skip
    of_trunk, since, limit = np.array(rows, np.int64).reshape(-1, 3).T
    return Limits(of_trunk, since, limit)


def limit_at(steps: Iterable[LimitStep], instant_us: int) -> int | None:
    """The limit in force at an instant; None before the first and after the end of the trunk."""
    begun = [step for step in sorted(steps) if step.since_us <= instant_us]
    return begun[-1].channel_limit if begun and begun[-1].channel_limit != NO_LIMIT else None
