"""Instants (mediation.md C): the record's own zone first, the node's setting second, the server's zone never."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pipeline.mediation.draft import Fields, bad_field
from pipeline.mediation.notes import Notes
from schemas.outcomes import RejectReason

FUTURE_TOLERANCE = timedelta(minutes=5)
"""A later time than the receipt by more than this is FUTURE (R19)."""

EPOCH_MAX_S = 253_402_300_799
"""The last second of the year 9999."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
"""Number of a month by its English abbreviation in capitals."""
_TIMES = ("started_at", "alerted_at", "answered_at", "released_at")


@lru_cache(maxsize=256)
def zone_named(name: str) -> ZoneInfo:
    """The IANA zone; raises ZoneInfoNotFoundError."""
    return ZoneInfo(name)


def from_epoch_us(name: str, microseconds: int | None) -> datetime | None:
    """An instant from microseconds since 1970; 0 means that it did not happen. Raises Unreadable beyond year 9999."""
    if not microseconds:
        return None
    if not 0 < microseconds <= EPOCH_MAX_S * 1_000_000:
        raise bad_field(name, microseconds, "microseconds since 1970")
    return EPOCH + timedelta(microseconds=microseconds)


def from_epoch_s(name: str, seconds: int | None) -> datetime | None:
    """An instant from seconds since 1970; 0 means that it did not happen. Raises Unreadable beyond year 9999."""
    if not seconds:
        return None
    if not 0 < seconds <= EPOCH_MAX_S:
        raise bad_field(name, seconds, "seconds since 1970")
    return EPOCH + timedelta(seconds=seconds)


def apply_arrival_rules(fields: Fields, notes: Notes, received_at: datetime, late_days: int) -> None:
    """Block what is from the future or too old (R19)."""
    latest = received_at + FUTURE_TOLERANCE
    for name in _TIMES:
        instant = fields.get(name)
        if instant is not None and instant > latest:
            detail = f"{name} is {instant:%Y-%m-%dT%H:%M:%SZ}, received {received_at:%Y-%m-%dT%H:%M:%SZ}. "
            notes.block(RejectReason.FUTURE, f"{detail}Set the clock or the time zone of the node, then replay.")
            return
    happened = fields.get("answered_at") or fields.get("started_at")
    if happened is not None and happened < received_at - timedelta(days=late_days):
        detail = (
            f"The call was on {happened:%Y-%m-%d}, received {received_at:%Y-%m-%d}, more than {late_days} days later."
        )
        notes.block(RejectReason.TOO_OLD, f"{detail} Raise late_days to accept it, then replay.")
