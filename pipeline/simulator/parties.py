"""Who calls whom: numbers as trunks dial them, by the rows of their decks, and callers from reserved ranges."""

from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.simulator.reserved import numbers_below
from schemas.reference import RateDeck, RateStatus, ReferenceData, Trunk

Positions = npt.NDArray[np.int64]


class Kind(IntEnum):
    """What rating has to make of a called number."""

    BY_DECK = 0
    FREE = 1
    BLOCKED_CLASS = 2
    NOT_IN_SERVICE = 3
    UNREADABLE = 4
    TOO_LONG = 5


class Party(NamedTuple):
    """One number as it is written into a record."""

    text: str
    digits: str
    """What the deck is asked for."""
    kind: Kind = Kind.BY_DECK


ANONYMOUS = "anonymous"
_OUT_OF_SERVICE = ("292", "295", "297")
"""Area codes N9X are kept for a longer numbering plan and never in service."""
_UNREADABLE = ("441632960000ABC", "1612555O1OO", "+4930231250001234567")
_EMERGENCY = {"US": "911", "DE": "112", "GB": "999"}
_SHARES = {"tollfree": 0.05, "premium": 0.005, "emergency": 0.001, "directory": 0.002, "closed": 0.002}
_FORMS: Mapping[str, tuple[tuple[str, str, float], ...]] = {
    "E164": (("1", "+1", 1.0), ("", "+", 1.0)),
    "US_NATIONAL": (("1", "1", 0.3), ("1", "", 0.6), ("1", "+1", 0.1), ("", "011", 0.8), ("", "+", 0.2)),
    "INTERNATIONAL": (("1", "001", 0.7), ("1", "+1", 0.3), ("", "00", 0.7), ("", "+", 0.3)),
}
"""For each number format: leading digits, what is dialled in their place, share. Country code 1 or any other."""


class Choice(NamedTuple):
    """Parties with their weights, as running totals from 0 to 1."""

    parties: Positions
    cumulative: npt.NDArray[np.float64]

    def draw(self, shares: npt.NDArray[np.float64]) -> Positions:
        """One party for each number from 0 to 1."""
        at = np.minimum(np.searchsorted(self.cumulative, shares, side="right"), len(self.parties) - 1)
        drawn: Positions = self.parties[at]
        return drawn


class Parties:
    """All numbers of a run; records name them by position."""

    def __init__(self, reference: ReferenceData) -> None:
        self.table: list[Party] = [Party(ANONYMOUS, "")]
        self._at: dict[Party, int] = {self.table[0]: 0}
        self._classes = {code.area_code: code.number_class for code in reference.area_codes}
        decks = {deck.deck_id: deck for deck in reference.decks}
        plans = {plan.plan_id: plan for plan in reference.plans}
        self._customers = {did for trunk in reference.trunks for did in trunk.dids}
        markets: dict[tuple[str, str, str], Choice] = {}
        self.destinations: list[Choice] = []
        self.dids: list[Choice] = []
        for trunk in reference.trunks:
            plan = plans[trunk.plan_id]
            key = (plan.outbound_deck or plan.inbound_deck or "", trunk.number_format, trunk.country)
            if key not in markets:
                markets[key] = self._market(decks[key[0]], trunk)
            self.destinations.append(markets[key])
            self.dids.append(self._choice((Party(did, did[1:]), 1.0) for did in trunk.dids or ("+12025550100",)))
        self.callers = self._choice(self._callers())
        self.out_of_service = self._choice(
            (Party(f"+1{code}55501{line:02d}", f"1{code}55501{line:02d}", Kind.NOT_IN_SERVICE), 1.0)
            for code in _OUT_OF_SERVICE
            for line in range(20)
        )
        self.too_long = self._choice(iter([(Party("+" + "1" * 41, "1" * 41, Kind.TOO_LONG), 1.0)]))
        self.unreadable = self._choice((Party(text, text, Kind.UNREADABLE), 1.0) for text in _UNREADABLE)

    def _position(self, party: Party) -> int:
        if party not in self._at:
            self._at[party] = len(self.table)
            self.table.append(party)
        return self._at[party]

    def _choice(self, weighted: Iterator[tuple[Party, float]]) -> Choice:
        parties, weights = zip(*((self._position(party), weight) for party, weight in weighted), strict=True)
        cumulative = np.cumsum(weights) / sum(weights)
        return Choice(np.array(parties), cumulative)

    def _market(self, deck: RateDeck, trunk: Trunk) -> Choice:
        return self._choice(self._called(deck, trunk))

    def _called(self, deck: RateDeck, trunk: Trunk) -> Iterator[tuple[Party, float]]:
        """Every number that a trunk may dial, with its weight: Zipf over the rows of its deck, and the special ones."""
        groups = _grouped(deck, self._classes)
        prefixes = list(dict.fromkeys(rate.prefix for rate in deck.rates))
        in_service = [code for code, name in self._classes.items() if name == "US_LOWER48_DC"]
        for group, rows in groups.items():
            weights = [1.0 / rank for rank in range(1, len(rows) + 1)]
            share = _SHARES.get(group, 1.0 - sum(_SHARES.values())) / sum(weights)
            for prefix, weight in zip(rows, weights, strict=True):
                longer = [other for other in prefixes if len(other) > len(prefix) and other.startswith(prefix)]
                # A call between two numbers of one customer would not tell its direction.
                numbers = [to for to in numbers_below(prefix, longer, in_service) if f"+{to}" not in self._customers]
                for number in numbers:
                    yield from _dialled(number, trunk, weight * share / len(numbers))
        if trunk.country in _EMERGENCY:
            code = _EMERGENCY[trunk.country]
            yield Party(code, code, Kind.FREE), _SHARES["emergency"]
        if "1411" in prefixes and trunk.country == "US":
            yield Party("411", "1411"), _SHARES["directory"]
        yield Party("+19005550123", "19005550123", Kind.BLOCKED_CLASS), _SHARES["premium"]

    def _callers(self) -> Iterator[tuple[Party, float]]:
        """Callers from the PSTN: three in four from the United States."""
        codes = [code for code, name in self._classes.items() if name == "US_LOWER48_DC"] or ["202"]
        for code in codes[:60]:
            yield from ((Party(f"+1{code}55501{line:02d}", f"1{code}55501{line:02d}"), 0.75 / 10) for line in range(10))
        for start in ("442079460", "447700900", "33199000", "493023125"):
            yield from ((Party(f"+{start}{line}", f"{start}{line}"), 60 * 0.25 / 40) for line in range(100, 110))


def _grouped(deck: RateDeck, classes: Mapping[str, str]) -> dict[str, list[str]]:
    """Prefixes of a deck in the order of their row ids: ordinary, toll-free, and those that price nothing."""
    groups: dict[str, list[str]] = {"ordinary": [], "tollfree": [], "closed": []}
    for rate in sorted(deck.rates, key=lambda rate: (len(rate.row_id), rate.row_id)):
        number_class = classes.get(rate.prefix[1:4]) if rate.prefix.startswith("1") else None
        if rate.prefix == "1411" or number_class == "PREMIUM" or rate.prefix.startswith("49900"):
            continue
        group = "closed" if rate.status is not RateStatus.PRICED else "tollfree" if number_class == "TOLL_FREE" else ""
        rows = groups[group or "ordinary"]
        if rate.prefix not in rows:
            rows.append(rate.prefix)
    return {name: rows for name, rows in groups.items() if rows}


def _dialled(number: str, trunk: Trunk, weight: float) -> Iterator[tuple[Party, float]]:
    """The ways in which this trunk writes a number."""
    leading = "1" if number.startswith("1") else ""
    for of, dialled, share in _FORMS[trunk.number_format]:
        if of == leading:
            yield Party(f"{dialled}{number.removeprefix(leading)}", number), weight * share


def texts(table: Sequence[Party]) -> list[str]:
    """What is written into records, by position."""
    return [party.text for party in table]
