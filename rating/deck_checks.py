"""What must hold across the rows of a rate deck: prices, readable hours and tiers, no overlap."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, groupby, pairwise

from rating.book_problems import Problem, empty_interval, time_text
from rating.hours import Hours, read_hours
from rating.prefixes import is_begun
from rating.tiers import read_tiers
from schemas.reference import Rate, RateDeck, RateStatus, ReferenceData

Placed = tuple[int, Rate]
"""A row and its position in the deck."""


def deck_problems(data: ReferenceData) -> Iterator[Problem]:
    """Every problem of every row, then rows of one prefix that hold at one time."""
    for deck in data.decks:
        for position, rate in enumerate(deck.rates):
            yield from _row_problems(deck, position, rate)
        yield from _rates_overlap(deck)


def table_of(deck: RateDeck) -> str:
    """The name of a deck's rows in problems."""
    return f"decks/{deck.deck_id}"


def _row_problems(deck: RateDeck, position: int, rate: Rate) -> Iterator[Problem]:
    if (rate.status is RateStatus.PRICED) != (rate.rate_per_minute is not None):
        expected = "a rate for PRICED, none for BLOCKED and UNPRICED"
        found = f"{rate.rate_per_minute or 'no rate'} for {rate.status}"
        yield Problem(table_of(deck), position, rate.row_id, "rate_per_minute", found, expected)
    if rate.effective_until is not None and rate.effective_until <= rate.effective_from:
        yield empty_interval(table_of(deck), position, rate.row_id, rate.effective_from, rate.effective_until)
    if rate.hours is None and rate.tiers is None:
        return
    for field, text, read in (("hours", rate.hours, read_hours), ("tiers", rate.tiers, read_tiers)):
        wrong = _unreadable(text, read)
        if wrong is not None:
            yield Problem(table_of(deck), position, rate.row_id, field, text or "", wrong)


def _unreadable(text: str | None, read: Callable[[str], object]) -> str | None:
    """What was expected instead of a text, where it is not right."""
    if text is not None:
        try:
            read(text)
        except ValueError as error:
            return str(error)
    return None


def _rates_overlap(deck: RateDeck) -> Iterator[Problem]:
    rows = sorted(
        ((*_held(rate), rate.hours or ""), rate.effective_from, position) for position, rate in enumerate(deck.rates)
    )
    for (key, _, before), (other, since, position) in pairwise(rows):
        until = deck.rates[before].effective_until
        if key == other and (until is None or since < until):
            yield _overlap(deck, deck.rates[before], position)
    bound = [(position, deck.rates[position]) for key, _, position in rows if key[-1]]
    for _, group in groupby(bound, lambda row: _held(row[1])):
        yield from _hours_overlap(deck, list(group))


def _held(rate: Rate) -> tuple[str, str]:
    """Which numbers and callers a row holds for."""
    return rate.prefix, rate.caller_country or ""


def _overlap(deck: RateDeck, before: Rate, position: int) -> Problem:
    after = deck.rates[position]
    end = "is open" if before.effective_until is None else f"ends {time_text(before.effective_until)}"
    expected = f"a start not before the end of row {before.row_id} of prefix {before.prefix}, which {end}"
    found = time_text(after.effective_from)
    return Problem(table_of(deck), position, after.row_id, "effective_from", found, expected)


def _hours_overlap(deck: RateDeck, rows: Sequence[Placed]) -> Iterator[Problem]:
    """At most one row of a prefix that is bound to hours holds at a time."""
    for (_, first), (position, second) in combinations(rows, 2):
        if first.hours == second.hours or not _hold_together(first, second):
            continue
        both = [hours for rate in (first, second) for hours in _readable(rate)]
        if len(both) > 1 and both[0].overlap(both[1]):
            expected = f"hours apart from those of row {first.row_id} of the same prefix, {first.hours}"
            yield Problem(table_of(deck), position, second.row_id, "hours", second.hours or "", expected)


def _readable(rate: Rate) -> Iterator[Hours]:
    if rate.hours is not None and _unreadable(rate.hours, read_hours) is None:
        yield read_hours(rate.hours)


def _hold_together(first: Rate, second: Rate) -> bool:
    return is_begun(first, second.effective_from) or is_begun(second, first.effective_from)
