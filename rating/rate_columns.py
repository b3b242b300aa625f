"""The rows of all decks of a book as columns, one deck after the other."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa

from rating.charge import seconds_before_overflow
from rating.columns import Flags, Integers
from rating.money import nanos_to_arrow, parse_nanos
from rating.prefixes import NANP_PREFIX, NO_ROW, Deck
from rating.tables import table_of
from rating.tiers import Tier, tiers_of
from schemas.reference import Rate, RateStatus


class RateColumns(NamedTuple):
    """A row for each row of each deck, in the order of `Deck.rates`."""

    decks: Sequence[Deck]
    first: Integers
    """Where each deck begins."""
    asks_caller: Flags
    """Decks with rows for some callers, which the specification reads; the last answer is that of no deck."""
    is_priced: Flags
    is_nanp: Flags
    """Rows of prefix 1, which mean the United States."""
    rate_nanos: Integers
    fee_nanos: Integers
    initial_seconds: Integers
    next_seconds: Integers
    seconds_max: Integers
    """The most billed seconds whose charge fits."""
    is_bound: Flags
    """The row holds in some hours only. This and the next end with the answer for no row."""
    is_tiered: Flags
    tiers: Mapping[int, Sequence[Tier]]
    """The tiers of the rows that have some."""
    texts: pa.RecordBatch
    """The ledger's columns that name and describe the row."""

    @classmethod
    def build(cls, decks: Sequence[Deck]) -> Self:
        """Lay the decks one after the other."""
        rates = [rate for deck in decks for rate in deck.rates]
        nanos = [(parse_nanos(rate.rate_per_minute or "0"), parse_nanos(rate.connection_fee)) for rate in rates]
        rate, fee = np.array(nanos, np.int64).reshape(-1, 2).T
        return cls(
            decks,
            np.cumsum([0, *(len(deck.rates) for deck in decks)], dtype=np.int64)[:-1],
            np.array([*(deck.asks_caller for deck in decks), False], np.bool_),
            np.array([rate.status is RateStatus.PRICED for rate in rates], np.bool_),
            np.array([rate.prefix == NANP_PREFIX for rate in rates], np.bool_),
            rate,
            fee,
            np.array([rate.initial_seconds for rate in rates], np.int64),
            np.array([rate.next_seconds for rate in rates], np.int64),
            np.array([seconds_before_overflow(*pair) for pair in nanos], np.int64),
            np.array([*(rate.hours is not None for rate in rates), False], np.bool_),
            np.array([*(rate.tiers is not None for rate in rates), False], np.bool_),
            {row: tiers_of(rate) for row, rate in enumerate(rates) if rate.tiers is not None},
            _texts(decks, rates, rate, fee),
        )

    def find(self, deck: Integers, keys: Integers, instants: Integers) -> Integers:
        """The row that prices each number by deck `deck[i]` at each instant, or `NO_ROW`."""
        found = np.full(len(keys), NO_ROW, np.int64)
        for number in np.flatnonzero(np.bincount(deck[deck >= 0], minlength=len(self.decks))):
            rows = np.flatnonzero(deck == number)
            position = self.decks[number].find(keys[rows], instants[rows])
            found[rows] = np.where(position == NO_ROW, NO_ROW, position + self.first[number])
        return found


def _texts(decks: Sequence[Deck], rates: Sequence[Rate], rate_nanos: Integers, fee_nanos: Integers) -> pa.RecordBatch:
    return table_of(
        deck_id=[deck.deck_id for deck in decks for _ in deck.rates],
        deck_row=[rate.row_id for rate in rates],
        prefix=[rate.prefix for rate in rates],
        destination=[rate.destination for rate in rates],
        rate_per_minute=nanos_to_arrow(rate_nanos),
        connection_fee=nanos_to_arrow(fee_nanos),
        initial_seconds=[rate.initial_seconds for rate in rates],
        next_seconds=[rate.next_seconds for rate in rates],
    )
