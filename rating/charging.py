"""Seconds and charge of one answered leg with a rate (PRODUCT.md, Rating 1 to 4 and 9)."""

from collections.abc import Sequence
from typing import NamedTuple

from rating.charge import round_charge
from rating.duration import whole_seconds
from rating.leg import PricedLeg
from rating.money import parse_nanos
from rating.rated import Refusal
from rating.rates import FoundRate
from rating.rules import Rule
from rating.tiers import Piece, exact_charge_of, pieces_of, tiers_of
from schemas.cdr import CDR, Direction
from schemas.outcomes import RejectReason
from schemas.reference import Package, Plan

METERED, INCLUDED, FREE = "METERED", "INCLUDED", "FREE"
"""`charge_kind` of the ledger."""

NO_STOP = Refusal(
    RejectReason.NO_STOP,
    "The record has an answer and no duration: found neither measured_ms nor a release. Send the record of the "
    "release, or correct this one, then replay the rejects of reason NO_STOP.",
)
"""Why a START is not priced, whose STOP has not come."""


class Charged(NamedTuple):
    """What a leg costs and the sums that it comes from."""

    pieces: Sequence[Piece]
    fee_nanos: int
    kind: str
    rules: tuple[Rule, ...]
    """What made the charge other than plainly metered."""
    nanos: int
    """The charge."""

    @property
    def billed_seconds(self) -> int:
        """Seconds after increments."""
        return sum(piece.billed_seconds for piece in self.pieces)


def call_seconds(cdr: CDR, plan: Plan) -> int | Refusal:
    """Whole seconds of an answered call by the plan's rounding."""
    if cdr.measured_ms is None:
        return NO_STOP
    if cdr.measured_ms < 0:
        return Refusal(
            RejectReason.NEG_DURATION,
            f"measured_ms is {cdr.measured_ms}, expected 0 or more: the release lies before the answer. Correct the "
            "times, then replay the rejects of reason NEG_DURATION.",
        )
    return whole_seconds(cdr.measured_ms, plan.seconds_rounding)


def charge_leg(seconds: int, leg: PricedLeg, found: FoundRate, plan: Plan) -> Charged | Refusal:
    """Bill the seconds in steps and charge them, rounded once; an included or very short call costs 0.

    A call that is free because it is short needs no allowance, so it is none of fair use, and never its overage.
    """
    pieces = pieces_of(tiers_of(found.rate), seconds)
    fee = parse_nanos(found.rate.connection_fee)
    try:
        exact = exact_charge_of(pieces, fee)
    except OverflowError:
        return Refusal(RejectReason.CHARGE_OVERFLOW, _too_large(seconds, found))
    is_short = 0 < seconds < plan.free_below_seconds
    is_unlimited = plan.package is Package.UNLIMITED and leg.direction is Direction.OUTBOUND and leg.is_domestic
    is_included = is_unlimited and not is_short
    rules: tuple[Rule, ...] = (Rule.UNLIMITED,) if is_included else ()
    if seconds == 0:
        rules = (*rules, Rule.ZERO_SECONDS)
    elif is_short:
        rules = (*rules, Rule.SHORT_CALL)
    nanos = 0 if rules else round_charge(exact, plan.charge_decimals, plan.charge_rounding)
    return Charged(pieces, fee if pieces else 0, INCLUDED if is_included else METERED, rules, nanos)


def _too_large(seconds: int, found: FoundRate) -> str:
    return (
        f"The charge of {seconds} s by row {found.rate.row_id} of deck {found.deck_id} is too large: expected at most "
        "75 million units. Correct the rate or the duration, then replay the rejects of reason CHARGE_OVERFLOW."
    )
