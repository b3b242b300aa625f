"""A book as columns: what `rating.batch` looks up by position instead of by name."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
import pyarrow as pa

from rating.book import Attached, RateBook
from rating.charge import ChargeRounding
from rating.class_verdicts import class_verdicts
from rating.columns import Flags, Integers
from rating.dids_batch import OwnNumbers
from rating.duration import ROUND_UP_FROM
from rating.numbering.profiles import DiallingProfile, profile_of
from rating.rate_columns import RateColumns
from rating.tables import integers, table_of
from rating.tax.situs_batch import PlaceColumns, places_in
from rating.trunks import TRUNK_RULES
from rating.trunks_batch import TrunkTables
from schemas.reference import Package, Plan, ServiceAddress

Row = TypeVar("Row")
Value = TypeVar("Value", bound=Hashable)

NO_DECK = -1
BOOKS_MAX = 4
"""Books kept as columns: the one in force and the one before, and those of a comparison."""


class Customers(NamedTuple):
    """A row for each way of being somebody's call (`TrunkTables.attached`): positions in the lists of `BookColumns`."""

    rule: Integers
    plan: Integers
    profile: Integers
    place: Integers
    zone: Integers
    trunk: Integers


class PlanColumns(NamedTuple):
    """What a price needs of each plan version."""

    outbound_deck: Integers
    inbound_deck: Integers
    """Positions in `decks`, or `NO_DECK`."""
    round_up_from: Integers
    free_below_seconds: Integers
    is_unlimited: Flags
    scale: Integers
    """Position in `scales`."""


class BookColumns(NamedTuple):
    """Everything of a book that a batch needs."""

    book: RateBook
    trunks: TrunkTables
    customers: Customers
    who: pa.RecordBatch
    """The ledger's columns that name the customer."""
    places: PlaceColumns
    """Places of service addresses."""
    profiles: Sequence[DiallingProfile]
    zones: Sequence[str]
    plans: Sequence[Plan]
    plan: PlanColumns
    verdicts: Integers
    """What each plan says of each class of numbers (`class_verdicts`)."""
    seconds_texts: pa.RecordBatch
    """How each plan makes seconds, and next how it rounds charges, in columns of the ledger."""
    scale_texts: pa.RecordBatch
    scales: Sequence[tuple[int, ChargeRounding]]
    """Decimals and rounding of charges."""
    rates: RateColumns
    dids: OwnNumbers

    @classmethod
    def build(cls, book: RateBook) -> Self:
        """Number everything that the customers of the book lead to."""
        trunks = TrunkTables.build(book)
        found = trunks.attached
        plans, plan = _numbered(found, lambda row: (row.binding.plan.plan_id, row.binding.plan.effective_from))
        rows = [book.plan_at(*key) for key in plans]
        known_plans = [row for row in rows if row is not None]
        profiles, profile = _numbered(found, lambda row: profile_of(row.binding.trunk))
        places, place = _numbered(found, lambda row: _place(row.binding.address))
        zones, zone = _numbered(found, lambda row: row.binding.account.time_zone)
        trunk_ids, trunk = _numbered(found, lambda row: row.binding.trunk.trunk_id)
        scales, scale = _numbered(known_plans, lambda row: (row.charge_decimals, row.charge_rounding))
        rule = integers(TRUNK_RULES.index(row.rule) for row in found)
        decks = tuple(book.decks)
        return cls(
            book,
            trunks,
            Customers(rule, plan, profile, place, zone, trunk),
            _who(found),
            places_in(*(pa.array(column, pa.string()) for column in _transposed(places, 2))),
            profiles,
            zones,
            known_plans,
            _plan_columns(known_plans, decks, scale),
            class_verdicts(known_plans),
            table_of(seconds_rounding=[row.seconds_rounding for row in known_plans]),
            _scale_texts(known_plans),
            scales,
            RateColumns.build([book.decks[deck] for deck in decks]),
            OwnNumbers.build([book.trunks[trunk_id].dids for trunk_id in trunk_ids]),
        )


@lru_cache(maxsize=BOOKS_MAX)
def book_columns(book: RateBook) -> BookColumns:
    """The columns of a book, made once."""
    return BookColumns.build(book)


def _numbered(rows: Iterable[Row], value_of: Callable[[Row], Value]) -> tuple[Sequence[Value], Integers]:
    """The distinct values of rows, and the position of each row's value among them."""
    found: dict[Value, int] = {}
    positions = integers(found.setdefault(value_of(row), len(found)) for row in rows)
    return tuple(found), positions


def _transposed(rows: Sequence[tuple[Any, ...]], width: int) -> Sequence[Sequence[Any]]:
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _place(address: ServiceAddress | None) -> tuple[str | None, str | None]:
    return (None, None) if address is None else (address.country, address.region)


def _who(found: Sequence[Attached]) -> pa.RecordBatch:
    bindings = [row.binding for row in found]
    addresses = [row.address for row in bindings]
    return table_of(
        account_id=[row.account.account_id for row in bindings],
        trunk_id=[row.trunk.trunk_id for row in bindings],
        plan_id=[row.plan.plan_id for row in bindings],
        package=[row.plan.package for row in bindings],
        service_address_id=[None if address is None else address.address_id for address in addresses],
        service_address_version=[None if address is None else address.version for address in addresses],
        currency=[row.plan.currency for row in bindings],
    )


def _plan_columns(plans: Sequence[Plan], decks: Sequence[str], scale: Integers) -> PlanColumns:
    return PlanColumns(
        integers(_position(plan.outbound_deck, decks) for plan in plans),
        integers(_position(plan.inbound_deck, decks) for plan in plans),
        integers(ROUND_UP_FROM[plan.seconds_rounding] for plan in plans),
        integers(plan.free_below_seconds for plan in plans),
        np.array([plan.package is Package.UNLIMITED for plan in plans], np.bool_),
        scale,
    )


def _position(deck_id: str | None, decks: Sequence[str]) -> int:
    return NO_DECK if deck_id is None else decks.index(deck_id)


def _scale_texts(plans: Sequence[Plan]) -> pa.RecordBatch:
    return table_of(
        charge_decimals=[plan.charge_decimals for plan in plans],
        charge_rounding=[plan.charge_rounding for plan in plans],
    )
