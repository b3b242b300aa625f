"""What a book would be with another deck or other plans."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pipeline.book.price_list import read_price_list
from pipeline.book.problems import BookFileError, FileProblem
from pipeline.book.reading import read_file
from pipeline.book.yaml_rows import read_rows
from rating.book import RateBook
from schemas.reference import Plan, Rate, RateDeck, ReferenceData

ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""From when rows without a date of their own hold."""


class UnknownDeck(ValueError):
    """A revision of a deck that a book does not have."""

    def __init__(self, deck_id: str, known: Sequence[str]) -> None:
        super().__init__(f"No deck {deck_id} in the book: found {', '.join(known)}. Name the one to replace with --as.")


class Revision(NamedTuple):
    """What books are to be revised in; all else stays."""

    deck_id: str | None = None
    rates: Sequence[Rate] = ()
    """Take the place of all rows of that deck."""
    plans: Sequence[Plan] = ()
    """Take the place of all versions of the plans with the same ids."""

    def of(self, book: RateBook) -> RateBook:
        """The revised book. Raises UnknownDeck, or BookError where the parts do not fit together."""
        data = ReferenceData.model_validate_json(book.snapshot)
        known = [deck.deck_id for deck in data.decks]
        if self.deck_id is not None and self.deck_id not in known:
            raise UnknownDeck(self.deck_id, known)
        revised = {plan.plan_id for plan in self.plans}
        return RateBook.build(
            accounts=data.accounts,
            addresses=data.addresses,
            plans=(*(plan for plan in data.plans if plan.plan_id not in revised), *self.plans),
            trunks=data.trunks,
            decks=[self._deck(deck) for deck in data.decks],
            area_codes=data.area_codes,
        )

    def _deck(self, deck: RateDeck) -> RateDeck:
        return deck.model_copy(update={"rates": tuple(self.rates)}) if deck.deck_id == self.deck_id else deck


def read_revision(deck: Path | None = None, deck_id: str | None = None, plans: Path | None = None) -> Revision:
    """Read a price list, whose name is the deck's unless `deck_id` is, and a file of plans. Raises BookFileError."""
    found = Revision()
    if deck is not None:
        found = Revision(deck_id or deck.stem, read_price_list(deck, ANY_TIME).rates)
    if plans is not None:
        problems: list[FileProblem] = []
        rows = read_rows(read_file(plans, plans.name, problems), plans.name, Plan)
        problems += rows.problems
        if problems:
            raise BookFileError(str(plans.parent), problems)
        found = found._replace(plans=tuple(rows.rows))
    return found
