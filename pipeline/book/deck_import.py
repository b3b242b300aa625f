"""A new price list into a deck of the book: from an instant on, what it says holds, and what it leaves out is closed.

Rows that are in force before that instant keep their history: they end where the new price begins. Rows that had not
begun yet give way to the new list. A row whose price does not change goes on as it is, so that importing a list twice
is the same as importing it once.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from rating.book_problems import time_text
from rating.money import parse_nanos
from schemas.reference import Rate

Key = tuple[str, str]
"""Prefix, and the hours and the callers that a row holds for."""

_DATES = {"row_id", "effective_from", "effective_until"}


class Outcome(StrEnum):
    """What an import does with the rows of one prefix."""

    ADDED = "added"
    CHANGED = "changed"
    CLOSED = "closed"
    UNCHANGED = "unchanged"
    LEFT = "left as it was"


class Imported(NamedTuple):
    """The rows of the deck as they become, and how many prefixes had each outcome."""

    rates: tuple[Rate, ...]
    outcomes: Counter[Outcome]


def import_prices(old: Iterable[Rate], new: Iterable[Rate], since: datetime, *, amend: bool = False) -> Imported:
    """Put the rows of a price list, all from `since` on or later, into a deck.

    With `amend`, prefixes that the list leaves out stay as they are.
    """
    before, after = by_key(old), by_key(new)
    rates: list[Rate] = []
    outcomes: Counter[Outcome] = Counter()
    for key in sorted(before.keys() | after.keys()):
        own, coming = before.get(key, ()), after.get(key, ())
        if amend and not coming:
            rows, outcome = list(own), Outcome.LEFT
        else:
            rows, outcome = _merged(own, coming, coming[0].effective_from if coming else since)
        rates += rows
        outcomes[outcome] += 1
    return Imported(tuple(rates), outcomes)


def by_key(rates: Iterable[Rate]) -> dict[Key, Sequence[Rate]]:
    """The rows of each prefix and hours, the oldest first."""
    ordered = sorted(rates, key=lambda rate: (_key(rate), rate.effective_from))
    return {key: tuple(rows) for key, rows in groupby(ordered, _key)}


def is_in_force(rate: Rate, at: datetime) -> bool:
    """Half-open, by the dates of a row alone: its hours are a part of its key."""
    return rate.effective_from <= at and (rate.effective_until is None or at < rate.effective_until)


def terms(rate: Rate) -> Mapping[str, object]:
    """Everything that a row says but its name and its dates; 0.01 and 0.010 are one rate."""
    money = {"rate_per_minute": _nanos(rate.rate_per_minute), "connection_fee": _nanos(rate.connection_fee)}
    return rate.model_dump(exclude=_DATES) | money


def _nanos(text: str | None) -> int | None:
    return None if text is None else parse_nanos(text)


def write_deck(path: Path, rates: Iterable[Rate]) -> None:
    """Write the CSV file of a deck, in one step: a reader sees the old deck or the new one."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Rate.model_fields)
    writer.writerows([_cell(getattr(rate, name)) for name in Rate.model_fields] for rate in rates)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text.getvalue(), encoding="utf-8")
    partial.replace(path)


def _key(rate: Rate) -> Key:
    return rate.prefix, " ".join(filter(None, (rate.hours, rate.caller_country)))


def _merged(own: Sequence[Rate], coming: Sequence[Rate], at: datetime) -> tuple[list[Rate], Outcome]:
    """The rows of one prefix when `coming` holds from an instant on; nothing from there on where it is empty."""
    current = next((rate for rate in own if is_in_force(rate, at)), None)
    rows = [_ended(rate, at) for rate in own if rate.effective_from < at]
    if current is not None and coming and terms(current) == terms(coming[0]):
        goes_on = current.model_copy(update={"effective_until": coming[0].effective_until})
        rows = [*(rate for rate in rows if rate.row_id != current.row_id), goes_on]
        return [*rows, *coming[1:]], Outcome.UNCHANGED if len(coming) == 1 else Outcome.CHANGED
    if coming:
        return [*rows, *coming], Outcome.ADDED if current is None else Outcome.CHANGED
    return rows, Outcome.LEFT if current is None else Outcome.CLOSED


def _ended(rate: Rate, at: datetime) -> Rate:
    if rate.effective_until is not None and rate.effective_until <= at:
        return rate
    return rate.model_copy(update={"effective_until": at})


def _cell(value: object) -> str:
    return time_text(value) if isinstance(value, datetime) else "" if value is None else str(value)
