"""What a call has to cost, worked out from the rows of the decks without any code of `rating`.

The slow way on purpose: fractions, one rounding at the end, each different case once.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.simulator.calls import INBOUND, OUTBOUND
from pipeline.simulator.parties import Kind, Party
from pipeline.simulator.records import Records
from pipeline.simulator.traffic import Millis, epoch_ms
from pipeline.simulator.world import World
from schemas.outcomes import RejectReason
from schemas.reference import Package, Plan, Rate, RateStatus, ReferenceData, Trunk

DECIMALS_MAX = 9
_BY_CLASS = {
    Kind.FREE: None,
    Kind.BLOCKED_CLASS: RejectReason.CLASS_BLOCKED,
    Kind.NOT_IN_SERVICE: RejectReason.UNKNOWN_NANP,
    Kind.UNREADABLE: RejectReason.NUM_UNPARSED,
    Kind.TOO_LONG: RejectReason.TOO_LONG,
}
"""What the class of a number decides before any deck is asked."""


class Terms(NamedTuple):
    """How calls of one trunk to one number are priced over one stretch of time."""

    reason: RejectReason | None
    plan: Plan
    rate: Rate | None
    """None where the call is free, or rejected."""
    is_included: bool = False


class Prices(NamedTuple):
    """For each record what rating owes us; only of use for answered, billed legs that parse."""

    reasons: npt.NDArray[np.object_]
    billed_seconds: npt.NDArray[np.int64]
    charges: npt.NDArray[np.object_]
    """Decimal, or None for a call that is rejected."""
    rows: npt.NDArray[np.object_]
    """Id of the deck's row, or None."""


def expected_prices(records: Records, measured_ms: Millis, world: World) -> Prices:
    """Price every record as an answered leg that lasted `measured_ms`."""
    boundaries = _boundaries(world.reference)
    epoch = np.searchsorted(boundaries, records.answer, side="right")
    case, first = _cases(records.trunk, records.called, records.direction, epoch)
    terms = [
        terms_of(
            world.trunks[records.trunk[at]], world.parties.table[records.called[at]], int(records.direction[at]),
            int(records.answer[at]), world.reference,
        )
        for at in first.tolist()
    ]  # fmt: skip
    seconds = np.empty(len(case), np.int64)
    for rounding in {one.plan.seconds_rounding for one in terms}:
        at = np.array([one.plan.seconds_rounding == rounding for one in terms], bool)[case]
        seconds[at] = whole_seconds(measured_ms[at], rounding)
    pair, first = _cases(case, seconds)
    priced = [charge_of(terms[case[at]], int(seconds[at])) for at in first.tolist()]
    return Prices(
        np.array([one.reason for one in terms], object)[case],
        np.array([seconds for seconds, _ in priced], np.int64)[pair],
        np.array([charge for _, charge in priced], object)[pair],
        np.array([one.rate.row_id if one.rate else None for one in terms], object)[case],
    )


def _cases(*columns: Millis) -> tuple[Millis, Millis]:
    """Number the different combinations of values, none of them negative: its number for each row, its first rows."""
    key = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        key = key * (int(column.max(initial=0)) + 1) + column
        _, first, key = np.unique(key, return_index=True, return_inverse=True)
    return key, first


def terms_of(trunk: Trunk, called: Party, direction: int, answered: int, reference: ReferenceData) -> Terms:
    """Decide by the class of the number, then by the longest prefix in force when the call was answered."""
    versions = [plan for plan in reference.plans if plan.plan_id == trunk.plan_id]
    plan = next((plan for plan in versions if _holds(plan, answered)), None)
    if plan is None:
        return Terms(RejectReason.NO_PLAN, versions[0], None)
    kind = Kind.NOT_IN_SERVICE if _before_service(called, answered, reference) else called.kind
    if kind is not Kind.BY_DECK:
        return Terms(_BY_CLASS[kind], plan, None)
    deck_id = plan.inbound_deck if direction == INBOUND else plan.outbound_deck
    rates = next((deck.rates for deck in reference.decks if deck.deck_id == deck_id), None)
    if rates is None:
        return Terms(RejectReason.NO_DECK, plan, None)
    rate = longest_prefix(rates, called.digits, answered)
    if rate is None:
        return Terms(RejectReason.NO_RATE, plan, None)
    if rate.status is not RateStatus.PRICED:
        return Terms(RejectReason(f"RATE_{rate.status}"), plan, None)
    included = plan.package is Package.UNLIMITED and direction == OUTBOUND and _is_domestic(called, plan, reference)
    return Terms(None, plan, rate, included)


def longest_prefix(rates: Sequence[Rate], digits: str, instant: int) -> Rate | None:
    """The row with the longest prefix of the digits among those in force."""
    fitting = [rate for rate in rates if digits.startswith(rate.prefix) and _holds(rate, instant)]
    return max(fitting, key=lambda rate: len(rate.prefix), default=None)


def charge_of(terms: Terms, seconds: int) -> tuple[int, Decimal | None]:
    """Billed seconds and charge of a call of so many whole seconds."""
    if terms.reason is not None:
        return 0, None
    if terms.rate is None or seconds == 0:
        return 0, Decimal(0)
    billed = terms.rate.initial_seconds
    while billed < seconds:
        billed += -(-(seconds - billed) // terms.rate.next_seconds) * terms.rate.next_seconds
    if terms.is_included:
        return billed, Decimal(0)
    exact = Fraction(terms.rate.connection_fee) + Fraction(terms.rate.rate_per_minute or "0") * billed / 60
    return billed, rounded(exact, terms.plan.charge_decimals, terms.plan.charge_rounding)


def whole_seconds(milliseconds: Millis, rounding: str) -> Millis:
    """Milliseconds to seconds, once, as the plan says; a negative duration counts as none."""
    up = {"ceil": 999, "half_up": 500, "floor": 0}[rounding]
    seconds: Millis = (np.maximum(milliseconds, 0) + up) // 1_000
    return seconds


def rounded(exact: Fraction, decimals: int, rounding: str) -> Decimal:
    """The exact charge, rounded once to the plan's decimals."""
    scale = Fraction(10) ** decimals
    units = {
        "half_up": (exact * scale + Fraction(1, 2)) // 1, "up": -(-exact * scale // 1), "down": exact * scale // 1,
    }[rounding]  # fmt: skip
    nanos = Fraction(units) / scale * 10**DECIMALS_MAX
    return Decimal(int(nanos)).scaleb(-DECIMALS_MAX)


def _is_domestic(called: Party, plan: Plan, reference: ReferenceData) -> bool:
    if not called.digits.startswith("1") or called.digits.startswith(plan.excluded_prefixes):
        return False
    code = called.digits[1:4]
    return any(row.area_code == code and row.number_class in plan.domestic_classes for row in reference.area_codes)


def _before_service(called: Party, answered: int, reference: ReferenceData) -> bool:
    """Whether the area code of a +1 number comes into service only after the call."""
    if not called.digits.startswith("1") or called.kind not in {Kind.BY_DECK, Kind.BLOCKED_CLASS}:
        return False
    begun = {row.area_code: row.in_service for row in reference.area_codes}.get(called.digits[1:4])
    return begun is not None and answered < _midnight(begun)


def _midnight(day: date) -> int:
    return epoch_ms(datetime.combine(day, time(), UTC))


def _holds(dated: Plan | Rate, instant: int) -> bool:
    until = dated.effective_until
    return epoch_ms(dated.effective_from) <= instant and (until is None or instant < epoch_ms(until))


def _boundaries(reference: ReferenceData) -> Millis:
    """Every instant at which a row of a plan or deck begins or ends, or an area code comes into service."""
    dated: list[Plan | Rate] = [*reference.plans, *(rate for deck in reference.decks for rate in deck.rates)]
    instants: set[datetime] = {row.effective_from for row in dated}
    instants |= {row.effective_until for row in dated if row.effective_until is not None}
    days = {_midnight(row.in_service) for row in reference.area_codes if row.in_service is not None}
    return np.array(sorted({*map(epoch_ms, instants), *days}), np.int64)
