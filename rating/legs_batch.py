"""Direction and number of each leg of a batch: the twin of `rating.leg` on columns."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from rating.book_columns import BookColumns
from rating.class_verdicts import CLASSES, FREE, REFUSED
from rating.columns import Flags, Integers
from rating.numbering.batch import NumberColumn, classify_column
from rating.numbering.domestic import domestic_column
from rating.numbering.kinds import Kind, is_neighbour
from rating.trunks_batch import UNKNOWN, positions_of
from schemas.cdr import Direction

LEG_COLUMNS = ("calling", "called", "direction", "measured_ms")
"""What a price needs of a record beside its customer and time."""

DIRECTIONS = (Direction.OUTBOUND, Direction.INBOUND, Direction.FORWARD)
OUTBOUND, INBOUND, FORWARD = range(3)

_MICROSECONDS_PER_DAY = 86_400_000_000


class Legs(NamedTuple):
    """Answered, billed legs of known customers."""

    direction: Integers
    """Position in `DIRECTIONS`, or `UNKNOWN`."""
    is_by_did: Flags
    """The trunk's own DID decided the direction."""
    calling: NumberColumn
    """Of legs that do not claim to be outbound; of those it is evidence only and decides nothing."""
    called: NumberColumn
    is_neighbour: Flags
    """The called number is +1 and belongs to Canada or the Caribbean."""
    is_free: Flags
    is_refused: Flags
    """By the class of the called number."""
    is_plain: Flags
    """Nothing refuses the leg so far, and no short code asks for a row of its own."""


def read_legs(cdrs: pa.RecordBatch, at: Integers, customer: Integers, book: BookColumns) -> Legs:
    """Read both numbers by the trunk's profile, decide the direction, and apply the plan's rules for classes."""
    days = at // _MICROSECONDS_PER_DAY
    profile = book.customers.profile[customer]
    called = classify_column(cdrs.column("called"), book.profiles, profile, days, book.book.area_codes)
    claimed = positions_of(cdrs.column("direction"), {name: place for place, name in enumerate(DIRECTIONS)})
    asked = np.flatnonzero(claimed != OUTBOUND)
    calling = _only_of(asked, cdrs.column("calling"), profile, days, book)
    direction, is_by_did = _directions(claimed, customer, calling, called, book)
    number_class, neighbours = _kind_columns(tuple(called.kinds))
    verdict = book.verdicts[book.customers.plan[customer], number_class[called.kind]]
    is_free, is_refused = verdict == FREE, verdict == REFUSED
    is_plain = (direction != UNKNOWN) & ~is_refused & (is_free | (called.length > 0))
    return Legs(direction, is_by_did, calling, called, neighbours[called.kind], is_free, is_refused, is_plain)


@lru_cache(maxsize=16)
def _kind_columns(kinds: tuple[Kind, ...]) -> tuple[Integers, Flags]:
    """Column of CLASSES of each kind, and whether it is a neighbour."""
    number_class = np.array([CLASSES[kind.number_class] for kind in kinds], np.int64)
    return number_class, np.array([is_neighbour(kind) for kind in kinds], np.bool_)


def _only_of(rows: Integers, dialled: pa.Array, profile: Integers, days: Integers, book: BookColumns) -> NumberColumn:
    """The numbers of some rows; no number, and any kind, in the others."""
    texts = dialled.take(pa.array(rows))
    found = classify_column(texts, book.profiles, profile[rows], days[rows], book.book.area_codes)
    digits, length, kind = np.zeros((3, len(dialled)), np.int64)
    digits[rows], length[rows], kind[rows] = found.digits, found.length, found.kind
    return NumberColumn(digits, length, kind, found.kinds)


def _directions(
    direction: Integers, customer: Integers, calling: NumberColumn, called: NumberColumn, book: BookColumns
) -> tuple[Integers, Flags]:
    """As the record claims; else to the trunk's own DID is inbound, and from it outbound."""
    silent = np.flatnonzero(direction == UNKNOWN)
    is_by_did = np.zeros(len(direction), np.bool_)
    if silent.size:
        trunk = book.customers.trunk[customer[silent]]
        to_own = book.dids.has(trunk, called.digits[silent], called.length[silent])
        from_own = book.dids.has(trunk, calling.digits[silent], calling.length[silent])
        decided = to_own != from_own
        direction[silent[decided]] = np.where(to_own, INBOUND, OUTBOUND)[decided]
        is_by_did[silent] = decided
    return direction, is_by_did


def domestic_legs(legs: Legs, customer: Integers, book: BookColumns) -> Flags:
    """Outbound legs of an UNLIMITED plan to a number of its domestic set."""
    plan = book.customers.plan[customer]
    found: Flags = book.plan.is_unlimited[plan] & (legs.direction == OUTBOUND)
    for number in np.flatnonzero(np.bincount(plan[found])):
        rows = np.flatnonzero(found & (plan == number))
        found[rows] = domestic_column(_rows_of(legs.called, rows), book.plans[number])
    return found


def _rows_of(numbers: NumberColumn, rows: Integers) -> NumberColumn:
    return numbers._replace(digits=numbers.digits[rows], length=numbers.length[rows], kind=numbers.kind[rows])
