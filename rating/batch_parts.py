"""Which rows of which small tables the ratings of a batch consist of."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from rating.book_columns import BookColumns
from rating.charges_batch import Charges
from rating.charging import FREE, INCLUDED, METERED
from rating.columns import Flags, Integers
from rating.legs_batch import DIRECTIONS, Legs
from rating.numbering.kinds import Kind
from rating.periods_batch import periods_of
from rating.places_batch import places_of
from rating.prefixes import NO_ROW
from rating.rated import PERIOD_ZONE
from rating.rated_columns import Figures, Part
from rating.rules_batch import FREE_CLASS, FREE_LEG, NO_TRUNK, OUTBOUND_DECK, RULE_TEXTS, UNANSWERED, Chosen
from rating.tables import nothing, table_of
from rating.trunks_batch import NOBODY
from schemas.outcomes import State

_STATES = table_of(state=[State.RATED, State.REJECTED])
_CHARGE_KINDS = table_of(charge_kind=[METERED, INCLUDED, FREE])
_FREE = 2
_DIRECTIONS = table_of(priced_direction=list(DIRECTIONS))


class Rows(NamedTuple):
    """Some rows of a batch, by position."""

    positions: Integers
    size: int
    """How many rows the batch has."""

    def of(self, cdrs: pa.RecordBatch) -> pa.RecordBatch:
        """These rows of a batch."""
        return cdrs if len(self.positions) == self.size else cdrs.take(pa.array(self.positions))

    def spread(self, values: Integers | Flags, otherwise: int = 0) -> Integers:
        """A column for the whole batch: `values` in these rows, `otherwise` in the others."""
        column = np.full(self.size, otherwise, np.int64)
        column[self.positions] = values
        return column

    def spread_if_any(self, flags: Flags) -> Integers | int:
        """1 or 0 for each row of the whole batch; 0 alone where no flag is set."""
        return self.spread(flags) if flags.any() else 0


class Judged(NamedTuple):
    """What each row of a batch is, and the price of those that have one."""

    at: Integers
    customer: Integers
    """Position in the book's customers, or `NOBODY`."""
    is_rejected: Flags
    """By mediation, or because there is no release."""
    is_billed: Flags
    priced: Rows
    """Answered, billed legs of known customers."""
    legs: Legs
    charges: Charges

    def parts(self, book: BookColumns) -> list[Part]:
        """The columns of the result, except the period and those that are numbers of their own."""
        return [
            Part(_STATES, self.is_rejected.astype(np.int64)),
            *self._customers(book),
            *self._prices(book),
            self._rules(book),
            self._charge_kinds(),
        ]

    def figures(self) -> Figures:
        """Seconds and charge of each row."""
        spread = self.priced.spread
        return Figures(
            call_seconds=spread(self.charges.call_seconds),
            billed_seconds=spread(self.charges.billed_seconds),
            charge_nanos=spread(self.charges.nanos),
            has_none=self.is_rejected,
        )

    def periods(self, book: BookColumns) -> Part:
        """The month of each row in the zone of its account."""
        zone = np.append(book.customers.zone, len(book.zones))
        found = periods_of(self.at, zone[self.customer], [*book.zones, PERIOD_ZONE])
        return Part(table_of(period=found.names), found.position)

    def _customers(self, book: BookColumns) -> list[Part]:
        """Who pays, for every row with a customer; how the plan rounds, for the priced ones."""
        plan = book.customers.plan[self.customer[self.priced.positions]]
        scale = np.where(self.legs.is_free, nothing(book.scale_texts), plan)
        return [
            Part(book.who, np.where((self.customer == NOBODY) | self.is_rejected, nothing(book.who), self.customer)),
            Part(book.seconds_texts, self.priced.spread(plan, nothing(book.seconds_texts))),
            Part(book.scale_texts, self.priced.spread(scale, nothing(book.scale_texts))),
        ]

    def _prices(self, book: BookColumns) -> list[Part]:
        """The kind of the priced number, the row of the deck, the places of both ends."""
        kinds, rates = _kind_texts(tuple(self.legs.called.kinds)), book.rates.texts
        rate = np.where(self.charges.rate == NO_ROW, nothing(rates), self.charges.rate)
        places = places_of(self.legs, self.customer[self.priced.positions], book)
        return [
            Part(_DIRECTIONS, self.priced.spread(np.maximum(self.legs.direction, 0), nothing(_DIRECTIONS))),
            Part(kinds, self.priced.spread(self.legs.called.kind, nothing(kinds))),
            Part(rates, self.priced.spread(rate, nothing(rates))),
            Part(places.table, self.priced.spread(places.position, nothing(places.table))),
        ]

    def _rules(self, book: BookColumns) -> Part:
        step = np.where(self.is_billed, UNANSWERED, FREE_LEG)
        deck = OUTBOUND_DECK + np.maximum(self.legs.direction, 0)
        step[self.priced.positions] = np.where(self.legs.is_free, FREE_CLASS, deck)
        chosen = Chosen(
            trunk=np.append(book.customers.rule, NO_TRUNK)[self.customer],
            is_by_did=self.priced.spread_if_any(self.legs.is_by_did),
            step=step,
            is_bound=self.priced.spread_if_any(book.rates.is_bound[self.charges.rate]),
            is_tiered=self.priced.spread_if_any(book.rates.is_tiered[self.charges.rate]),
            is_included=self.priced.spread_if_any(self.charges.is_included),
            is_zero=self.priced.spread_if_any(self.charges.is_zero),
            is_short=self.priced.spread_if_any(self.charges.is_short),
        )
        return Part(RULE_TEXTS, np.where(self.is_rejected, nothing(RULE_TEXTS), chosen.positions()))

    def _charge_kinds(self) -> Part:
        kind = self.priced.spread(np.where(self.legs.is_free, _FREE, self.charges.is_included), _FREE)
        return Part(_CHARGE_KINDS, np.where(self.is_rejected, nothing(_CHARGE_KINDS), kind))


@lru_cache(maxsize=16)
def _kind_texts(kinds: tuple[Kind, ...]) -> pa.RecordBatch:
    return table_of(
        number_class=[kind.number_class for kind in kinds],
        destination_country=[kind.country for kind in kinds],
        destination_state=[kind.state for kind in kinds],
    )
