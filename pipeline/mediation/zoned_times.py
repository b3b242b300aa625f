"""Stamps that carry a zone token: `15:54:56.868 PST DEC 18 2017`, `18:55:42.000 GMT+4 Tue Feb 11 2014`.

An abbreviation is not a zone: it selects one of the offsets that the node's own zone has (IST is +05:30 with
Asia/Kolkata and +01:00 with Europe/Dublin in summer). A token that the node's zone does not know on that date
contradicts the settings, and the record is TZ_AMBIGUOUS (mediation.md R16). Where the zone has no abbreviation of its
own there (Singapore, Bogota), any is accepted that names no other part of the world. Weekdays are ignored: devices get
them wrong. A stamp may have no token at all; then it is one of the node's clock, and in a repeated hour the other
stamps of the record and the printed duration decide (R17).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pipeline.mediation.draft import bad_field
from pipeline.mediation.local_times import Printed, candidates, possible_times
from pipeline.mediation.notes import Notes
from pipeline.mediation.times import MONTHS
from schemas.outcomes import Flag, RejectReason

EXPECTED = "a time such as 15:54:56.868 PST DEC 18 2017"
_STAMP_CHARACTERS_MAX = 64
_CLOCK = re.compile(r"([*.]?)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?\Z")
_OFFSET = re.compile(r"(?:GMT|UTC)([+-])([0-9]{1,2})(?::?([0-9]{2}))?\Z")
_WEEKDAYS = frozenset(["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"])
_UTC_NAMES = frozenset({"UTC", "GMT", "Z"})
_NAMES_OF_ZONES = frozenset({
    "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "AKST", "AKDT", "HST", "AST", "ADT", "NST", "NDT", "BST",
    "WET", "WEST", "CET", "CEST", "EET", "EEST", "MSK", "IST", "IDT", "SAST", "WAT", "CAT", "EAT", "PKT", "JST", "KST",
    "HKT", "WIB", "WITA", "WIT", "AEST", "AEDT", "ACST", "ACDT", "AWST", "NZST", "NZDT", "SST", "CHST",
})  # fmt: skip
"""Abbreviations that the time zone database uses; where it has a number instead, none of these is meant."""


class _Stamp(NamedTuple):
    local: datetime
    token: str | None
    is_synchronised: bool


class ZonedClock(NamedTuple):
    """Reads the stamps of one record of a node in that zone."""

    zone: ZoneInfo
    notes: Notes

    def instants(
        self, stamps: Mapping[str, tuple[str, str]], printed: Sequence[Printed] = ()
    ) -> dict[str, datetime | None]:
        """The instants in UTC of the stamps of one record: (name, text) by CDR field, in the order of events.

        None where there is none, or where it cannot be decided (TZ_AMBIGUOUS). Raises Unreadable.
        """
        choices = {field: self._choices(name, text) for field, (name, text) in stamps.items()}
        found = {field: choice for field, choice in choices.items() if choice is not None}
        if any(len(choice) > 1 for choice in found.values()) and all(found.values()):
            possible = possible_times(found, printed)
            if len(possible) == 1:
                self.notes.warn(Flag.TZ_GUESSED)
                found = {field: (instant,) for field, instant in possible[0].items()}
        return {field: self._only(name, text, found.get(field)) for field, (name, text) in stamps.items()}

    def instant(self, name: str, text: str) -> datetime | None:
        """The instant of one stamp, as `instants` gives it."""
        return self._only(name, text, self._choices(name, text))

    def _choices(self, name: str, text: str) -> Sequence[datetime] | None:
        """The instants that the stamp may mean; None where nothing happened."""
        if text.strip() in {"", "0"}:
            return None
        stamp = _read(text) if len(text) <= _STAMP_CHARACTERS_MAX else None
        if stamp is None:
            raise bad_field(name, text, EXPECTED)
        if not stamp.is_synchronised:
            self.notes.warn(Flag.CLOCK_UNSYNC)
        return _instants(stamp.local, stamp.token, self.zone)

    def _only(self, name: str, text: str, found: Sequence[datetime] | None) -> datetime | None:
        if found is None or len(found) == 1:
            return found[0] if found else None
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
    return tuple(instant for instant in possible if is_zone_name(token, instant.astimezone(zone).tzname()))


def is_zone_name(token: str, known: str | None) -> bool:
    """Whether a token may stand for the time that the database calls `known`: `PDT`, or `+08` where it has no name."""
    if known is None or known.startswith(("+", "-")):
        return token.upper() not in _NAMES_OF_ZONES
    return token.upper() == known


def fixed_zone(token: str | None) -> tzinfo | None:
    """`GMT+4` is four hours ahead of UTC, not the inverted sign of POSIX."""
    name = (token or "").upper()
    if name in _UTC_NAMES:
        return UTC
    offset = _OFFSET.match(name)
    if not offset:
        return None
    size = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    return timezone(-size if offset[1] == "-" else size) if size < timedelta(days=1) else None
