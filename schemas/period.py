"""A billing period: half-open, in the account's billing time zone."""

import re
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo


class Period(NamedTuple):
    """The calendar month `[start, end)` of a billing time zone; a call belongs to the period of its answer."""

    name: str
    start: datetime
    end: datetime

    @classmethod
    def month(cls, name: str, time_zone: str = "UTC") -> Self:
        """Read `2026-10` as that month in `time_zone` (an IANA name). ValueError says what was expected."""
        return cls(name, *_month(name, time_zone))

    @classmethod
    def containing(cls, instant: datetime, time_zone: str = "UTC") -> Self:
        """The month that an instant belongs to, in `time_zone`."""
        return cls.month(instant.astimezone(ZoneInfo(time_zone)).strftime("%Y-%m"), time_zone)

    def contains(self, instant: datetime) -> bool:
        """Half-open: the start belongs to the period, the end to the next."""
        return self.start <= instant < self.end


@lru_cache(maxsize=4096)
def _month(name: str, time_zone: str) -> tuple[datetime, datetime]:
    """Start and end of a month."""
    if not re.fullmatch(r"[1-8][0-9]{3}-(0[1-9]|1[0-2])", name):
        raise ValueError(f"Period {name!r} is not a month. Write year and month, such as 2026-10.")
    zone = ZoneInfo(time_zone)
    year, month = int(name[:4]), int(name[5:])
    first = date(year, month, 1)
    following = date(year + month // 12, month % 12 + 1, 1)
    return (
        datetime.combine(first, time(), zone).astimezone(UTC),
        datetime.combine(following, time(), zone).astimezone(UTC),
    )
