"""What a new deck changes: prefix by prefix, with what priced those numbers before and what prices them then."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from pipeline.book.deck_import import Key, by_key, is_in_force, terms
from pipeline.book.plus_one import is_covered
from rating.money import parse_nanos
from schemas.reference import Rate, RateStatus


class ChangeKind(StrEnum):
    """How the price of a prefix changes."""

    NEW = "new"
    UP = "up"
    DOWN = "down"
    STEPS = "steps"
    """The same rate and fee by other increments, or another text that moves money."""
    CLOSED = "closed"
    BLOCKED = "blocked"
    UNPRICED = "unpriced"
    OPENED = "opened"
    """Blocked or unpriced before, priced now."""
    NAME = "name"
    """Only the name of the destination."""


class Change(NamedTuple):
    """One prefix that differs. `before` and `after` price its numbers; their prefix may be a shorter one, or none."""

    kind: ChangeKind
    prefix: str
    hours: str
    before: Rate | None
    after: Rate | None

    @property
    def destination(self) -> str:
        """Name in the new deck, else in the old one."""
        named = self.before if self.kind is ChangeKind.CLOSED else self.after
        return named.destination if named else ""


def deck_changes(old: Iterable[Rate], new: Iterable[Rate], at: datetime | None = None) -> list[Change]:
    """Compare the rows in force at an instant, by default at the newest start of a row of each deck."""
    before, after = in_force(old, at), in_force(new, at)
    found = []
    for prefix, hours in sorted(before.keys() | after.keys()):
        own, coming = before.get((prefix, hours)), after.get((prefix, hours))
        kind = _kind(own, coming)
        if kind is not None:
            priced_by = own or _around(prefix, hours, before), coming or _around(prefix, hours, after)
            found.append(Change(kind, prefix, hours, *priced_by))
    return found


def in_force(rates: Iterable[Rate], at: datetime | None) -> dict[Key, Rate]:
    """The row of each prefix and hours at an instant."""
    rows = list(rates)
    moment = at or max((rate.effective_from for rate in rows), default=None)
    if moment is None:
        return {}
    return {key: rate for key, timeline in by_key(rows).items() for rate in timeline if is_in_force(rate, moment)}


def _around(prefix: str, hours: str, rates: Mapping[Key, Rate]) -> Rate | None:
    """The row with the longest shorter prefix, if it prices these numbers."""
    shorter = (prefix[:length] for length in range(len(prefix) - 1, 0, -1))
    found = next((rates[key] for head in shorter for key in ((head, hours), (head, "")) if key in rates), None)
    return found if found is not None and is_covered(prefix, found.prefix) else None


def _kind(own: Rate | None, coming: Rate | None) -> ChangeKind | None:
    if coming is None:
        return ChangeKind.CLOSED
    if own is not None and terms(own) == terms(coming):
        return None
    if coming.status is not RateStatus.PRICED and (own is None or own.status is not coming.status):
        return ChangeKind.BLOCKED if coming.status is RateStatus.BLOCKED else ChangeKind.UNPRICED
    if own is None:
        return ChangeKind.NEW
    if own.status is not RateStatus.PRICED and coming.status is RateStatus.PRICED:
        return ChangeKind.OPENED
    return _price_change(own, coming)


def _price_change(own: Rate, coming: Rate) -> ChangeKind:
    """The rate decides, then the fee, then the rest."""
    old, new = ((_nanos(rate.rate_per_minute), _nanos(rate.connection_fee)) for rate in (own, coming))
    if old != new:
        return ChangeKind.UP if new > old else ChangeKind.DOWN
    renamed = own.model_copy(update={"destination": coming.destination})
    return ChangeKind.NAME if terms(renamed) == terms(coming) else ChangeKind.STEPS


def _nanos(text: str | None) -> int:
    return parse_nanos(text or "0")
