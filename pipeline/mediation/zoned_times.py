"""Stamps that carry a zone token: `15:54:56.868 PST DEC 18 2017`, `18:55:42.000 GMT+4 Tue Feb 11 2014`.

An abbreviation is not a zone: it selects one of the offsets that the node's own zone has (IST is +05:30 with
Asia/Kolkata and +01:00 with Europe/Dublin in summer). A token that the node's zone does not know on that date
contradicts the settings, and the record is TZ_AMBIGUOUS (mediation.md R16). Weekdays are ignored: devices get them
wrong.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pipeline.mediation.draft import bad_field
from pipeline.mediation.local_times import candidates
from pipeline.mediation.notes import Notes
from pipeline.mediation.times import MONTHS
from schemas.outcomes import Flag, RejectReason

EXPECTED = "a time such as 15:54:56.868 PST DEC 18 2017"
_STAMP_CHARACTERS_MAX = 64
_CLOCK = re.compile(r"([*.]?)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?\Z")
_OFFSET = re.compile(r"(?:GMT|UTC)([+-])([0-9]{1,2})(?::?([0-9]{2}))?\Z")
_WEEKDAYS = frozenset(["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"])
_UTC_NAMES = frozenset({"UTC", "GMT", "Z"})


class _Stamp(NamedTuple):
    local: datetime
    token: str | None
    is_synchronised: bool


class ZonedClock(NamedTuple):
    """Reads the stamps of one record of a node in that zone."""

    zone: ZoneInfo
    notes: Notes

    def instant(self, name: str, text: str) -> datetime | None:
        """The instant in UTC; None where there is none, or where it cannot be decided (TZ_AMBIGUOUS)."""
        if text.strip() in {"", "0"}:
            return None
        stamp = _read(text) if len(text) <= _STAMP_CHARACTERS_MAX else None
        if stamp is None:
            raise bad_field(name, text, EXPECTED)
        if not stamp.is_synchronised:
            self.notes.warn(Flag.CLOCK_UNSYNC)
        found = _instants(stamp.local, stamp.token, self.zone)
        if len(found) == 1:
            return found[0]
        why = (
            "both hours are possible" if found else f"the zone {self.zone} has no such time or abbreviation on that day"
        )
        detail = f"{name} is {text!r}: {why}. Set the time zone of the source to that of the node, then replay."
        self.notes.block(RejectReason.TZ_AMBIGUOUS, detail)
        return None


@lru_cache(maxsize=65_536)
def _read(text: str) -> _Stamp | None:
    time, *middle = text.split()
    clock = _CLOCK.match(time)
    if not clock or len(middle) < len(("DEC", "18", "2017")):
        return None
    *tokens, month, day, year = middle
    tokens = [token for token in tokens if token.upper() not in _WEEKDAYS]
    mark, hour, minute, second, fraction = clock.groups()
    if len(tokens) > 1 or not (day.isdecimal() and year.isdecimal()):
        return None
    microsecond = int((fraction or "0").ljust(6, "0"))
    try:
        local = datetime(  # noqa: DTZ001 - the token decides
            int(year), MONTHS[month.upper()], int(day), int(hour), int(minute), int(second), microsecond
        )
    except (KeyError, ValueError):
        return None
    return _Stamp(local, tokens[0] if tokens else None, not mark)


@lru_cache(maxsize=65_536)
def _instants(local: datetime, token: str | None, zone: ZoneInfo) -> tuple[datetime, ...]:
    fixed = fixed_zone(token)
    possible = tuple(candidates(local, fixed or zone))
    if fixed or token is None:
        return possible
    return tuple(instant for instant in possible if instant.astimezone(zone).tzname() == token)


def fixed_zone(token: str | None) -> tzinfo | None:
    """`GMT+4` is four hours ahead of UTC, not the inverted sign of POSIX."""
    if token in _UTC_NAMES:
        return UTC
    offset = _OFFSET.match(token or "")
    if not offset:
        return None
    size = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    return timezone(-size if offset[1] == "-" else size) if size < timedelta(days=1) else None
