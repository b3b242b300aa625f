"""Rows of a deck that hold only in some hours of the week, such as `Mon-Fri 08:00-18:00 Europe/Berlin` (optional).

The local time of the answer decides, as for every rate (PRODUCT.md, Rating 5). Where such a row is in force it goes
before the row of the same prefix that holds at any hour.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from rating.columns import Flags, Integers

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MINUTES_PER_DAY = 1440
_MICROSECONDS_PER_MINUTE = 60_000_000
_QUARTER = 15 * _MICROSECONDS_PER_MINUTE
"""Microseconds of the shortest stretch in which a zone keeps its distance from UTC."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_WEEKDAY = 3
_TEXT = re.compile(
    r"(?P<first>[A-Z][a-z]{2})(?:-(?P<last>[A-Z][a-z]{2}))? "
    r"(?P<start>\d\d:[0-5]\d)-(?P<end>\d\d:[0-5]\d) (?P<zone>\S+)",
    re.ASCII,
)


class Hours(NamedTuple):
    """Minutes `[start, end)` of the local day, on the days of the week from `first` to `last`, Monday being 0."""

    first: int
    last: int
    start: int
    end: int
    zone: str

    def hold(self, at: datetime) -> bool:
        """Whether an instant lies in these hours."""
        local = at.astimezone(ZoneInfo(self.zone))
        return self.hold_at(local.weekday(), local.hour * 60 + local.minute)

    def hold_at(self, weekday: int, minute: int) -> bool:
        """Whether a minute of a local day, Monday being 0, lies in these hours."""
        return (weekday - self.first) % 7 <= (self.last - self.first) % 7 and self.start <= minute < self.end

    def hold_column(self, instants: Integers) -> Flags:
        """`hold` of a column of instants in microseconds of UTC."""
        quarters, which = np.unique(instants // _QUARTER, return_inverse=True)
        distance = np.array([_distance(self.zone, quarter) for quarter in quarters.tolist()], np.int64)
        minutes = instants // _MICROSECONDS_PER_MINUTE + distance[which]
        weekday, minute = (minutes // MINUTES_PER_DAY + _EPOCH_WEEKDAY) % 7, minutes % MINUTES_PER_DAY
        holds: Flags = (weekday - self.first) % 7 <= (self.last - self.first) % 7
        return holds & (self.start <= minute) & (minute < self.end)

    def overlap(self, other: "Hours") -> bool:
        """Whether both hold at some local time; hours of two zones count as overlapping."""
        if self.zone != other.zone:
            return True
        together = self.start < other.end and other.start < self.end
        return together and any(self.hold_at(day, self.start) and other.hold_at(day, other.start) for day in range(7))


@lru_cache(maxsize=100_000)
def _distance(zone: str, quarter: int) -> int:
    """Minutes from UTC to the local time of a zone."""
    instant = _EPOCH + timedelta(microseconds=quarter * _QUARTER)
    distance = instant.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    return distance // timedelta(minutes=1)


@lru_cache(maxsize=1024)
def read_hours(text: str) -> Hours:
    """Read `Mon-Fri 08:00-18:00 Europe/Berlin` or `Sun 00:00-24:00 UTC`. ValueError says what was expected."""
    match = _TEXT.fullmatch(text)
    if match is None or not {match["first"], match["last"] or match["first"]} <= set(DAYS):
        raise ValueError(f"{text!r}: expected days, times and a zone, such as Mon-Fri 08:00-18:00 Europe/Berlin")
    start, end = (_minute(match[name]) for name in ("start", "end"))
    if not start < end <= MINUTES_PER_DAY:
        raise ValueError(f"{text!r}: expected an end after the start and up to 24:00; hours over midnight are two rows")
    try:
        ZoneInfo(match["zone"])
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{text!r}: expected a zone of the IANA database, such as America/Chicago") from None
    first, last = match["first"], match["last"] or match["first"]
    return Hours(DAYS.index(first), DAYS.index(last), start, end, match["zone"])


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
