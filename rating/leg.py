"""Which number of a leg is priced, in which direction, and what that number is (PRODUCT.md, Rating 6 to 9)."""

from datetime import datetime
from typing import NamedTuple

from rating.book import Binding
from rating.numbering.area_codes import AreaCodeTable
from rating.numbering.classify import classify
from rating.numbering.domestic import is_domestic
from rating.numbering.kinds import Number, NumberClass
from rating.numbering.profiles import DiallingProfile, profile_of
from rating.rated import Refusal
from rating.rules import Rule
from schemas.cdr import CDR, Direction
from schemas.outcomes import RejectReason
from schemas.reference import Trunk

REFUSED_CLASSES = frozenset({NumberClass.INVALID, NumberClass.UNKNOWN_NANP})
"""Classes that no plan prices."""

_CODE_DIGITS = 3


class PricedLeg(NamedTuple):
    """The direction of a leg, both its numbers, and what the plan says of the called one, which is the DID inbound."""

    direction: Direction
    rules: tuple[Rule, ...]
    calling: Number
    called: Number
    digits: str
    """What the deck is asked for: E.164 without the plus, or 1411 for the short code 411."""
    is_free: bool
    is_domestic: bool
    """In the plan's domestic set."""

    @property
    def is_short_code(self) -> bool:
        """A code that only a deck row of its own may price."""
        return self.called.e164 is None


def priced_leg(cdr: CDR, at: datetime, binding: Binding, table: AreaCodeTable) -> PricedLeg | Refusal:
    """Read both numbers by the trunk's profile, decide the direction, and apply the plan's rules for classes."""
    profile = profile_of(binding.trunk)
    calling = classify(cdr.calling or "", profile, at.date(), table)
    called = classify(cdr.called or "", profile, at.date(), table)
    directed = _direction(cdr, binding.trunk, calling, called)
    if isinstance(directed, Refusal):
        return directed
    refusal = _class_refusal(cdr, called, binding, profile)
    if refusal is not None:
        return refusal
    direction, rules = directed
    digits = deck_digits(called, cdr.called or "")
    is_free = called.kind.number_class in binding.plan.free_classes
    return PricedLeg(direction, rules, calling, called, digits, is_free, is_domestic(called, binding.plan))


def _direction(cdr: CDR, trunk: Trunk, calling: Number, called: Number) -> tuple[Direction, tuple[Rule, ...]] | Refusal:
    """As the record claims; else to the trunk's own DID is inbound, and from it outbound."""
    if cdr.direction is not None:
        return cdr.direction, ()
    to_own, from_own = called.e164 in trunk.dids, calling.e164 in trunk.dids
    if to_own != from_own:
        return Direction.INBOUND if to_own else Direction.OUTBOUND, (Rule.DIRECTION_BY_DID,)
    found = "DIDs of the trunk at both ends" if to_own else "no DID of the trunk at either end"
    return Refusal(
        RejectReason.NO_DIRECTION,
        f"The record of trunk {trunk.trunk_id} has no direction, and from {cdr.calling} to {cdr.called} there are "
        f"{found}. Give its source a direction or the trunk its DIDs, then replay the rejects of reason NO_DIRECTION.",
    )


def _class_refusal(cdr: CDR, called: Number, binding: Binding, profile: DiallingProfile) -> Refusal | None:
    number_class = called.kind.number_class
    if number_class is NumberClass.INVALID:
        return Refusal(
            RejectReason.NUM_UNPARSED,
            f"{cdr.called or 'An empty number'} is no number that trunk {binding.trunk.trunk_id} can reach by its dial "
            f"plan ({profile.country}, {binding.trunk.number_format}). Correct the dial plan, then replay the rejects "
            "of reason NUM_UNPARSED.",
        )
    if number_class is NumberClass.UNKNOWN_NANP:
        return Refusal(
            RejectReason.UNKNOWN_NANP,
            f"The area code of {called.e164} is not in service. Update the area codes of the book, then replay the "
            "rejects of reason UNKNOWN_NANP.",
        )
    if number_class in binding.plan.blocked_classes:
        number, plan_id = called.e164 or cdr.called, binding.plan.plan_id
        return Refusal(
            RejectReason.CLASS_BLOCKED,
            f"{number} is of class {number_class}, which plan {plan_id} blocks. Take the class out of its "
            "blocked_classes to price it, then replay the rejects of reason CLASS_BLOCKED.",
        )
    return None


def deck_digits(called: Number, dialled: str) -> str:
    """The digits that prefixes are compared with."""
    return called.e164[1:] if called.e164 is not None else f"1{dialled[-_CODE_DIGITS:]}"
