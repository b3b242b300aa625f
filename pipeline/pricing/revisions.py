"""What a book would be with another deck or other plans."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from pipeline.book.price_list import read_price_list
from pipeline.book.problems import BookFileError, FileProblem
from pipeline.book.reading import read_file
from pipeline.book.yaml_rows import read_rows
from rating.book import RateBook
from rating.prefixes import Deck
from schemas.reference import Plan, Rate, RateDeck

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
        if self.deck_id is not None and self.deck_id not in book.decks:
            raise UnknownDeck(self.deck_id, sorted(book.decks))
        revised = {plan.plan_id for plan in self.plans}
        kept = (plan for versions in book.plans.values() for plan in versions if plan.plan_id not in revised)
        return RateBook.build(
            accounts=book.accounts.values(),
            addresses=chain.from_iterable(book.addresses.values()),
            plans=(*kept, *self.plans),
            trunks=book.trunks.values(),
            decks=[self._deck(deck) for deck in book.decks.values()],
            area_codes=book.area_codes.codes,
        )

    def _deck(self, deck: Deck) -> RateDeck:
        rates = self.rates if deck.deck_id == self.deck_id else deck.rates
        return RateDeck(deck_id=deck.deck_id, currency=deck.currency, rates=tuple(rates))


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
