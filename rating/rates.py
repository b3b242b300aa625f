"""The row of the deck that prices a leg, or why none does (PRODUCT.md, Rating 5 and 6)."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from rating.leg import PricedLeg
from rating.numbering.kinds import is_neighbour
from rating.prefixes import NANP_PREFIX, Deck
from rating.rated import Refusal
from rating.rules import Rule
from schemas.cdr import Direction
from schemas.outcomes import RejectReason
from schemas.reference import Plan, Rate, RateStatus

DECK_RULES = {
    Direction.OUTBOUND: Rule.OUTBOUND_DECK,
    Direction.INBOUND: Rule.INBOUND_DECK,
    Direction.FORWARD: Rule.FORWARD_DECK,
}


class FoundRate(NamedTuple):
    """A PRICED row, its deck, and the rules that chose it."""

    rules: tuple[Rule, ...]
    deck_id: str
    rate: Rate


def find_rate(leg: PricedLeg, plan: Plan, decks: Mapping[str, Deck], at: datetime) -> FoundRate | Refusal:
    """The PRICED row with the longest prefix in force; a BLOCKED or UNPRICED row that wins refuses the call."""
    deck_id = plan.inbound_deck if leg.direction is Direction.INBOUND else plan.outbound_deck
    if deck_id is None:
        return Refusal(
            RejectReason.NO_DECK,
            f"Plan {plan.plan_id} has no deck for {leg.direction} calls. Add one to the plan, then replay the rejects "
            "of reason NO_DECK.",
        )
    deck = decks[deck_id]
    caller_country = leg.calling.kind.country if leg.direction is Direction.INBOUND else None
    rate = deck.match(leg.digits, at, caller_country)
    if rate is None or not may_price(rate.prefix, leg):
        return Refusal(RejectReason.NO_RATE, _no_rate(leg, deck, at))
    if rate.status is not RateStatus.PRICED:
        return _not_priced(leg, deck_id, rate)
    rules = (
        DECK_RULES[leg.direction],
        *((Rule.RATE_CALLER,) if rate.caller_country else ()),
        *((Rule.RATE_HOURS,) if rate.hours else ()),
        *((Rule.RATE_TIERS,) if rate.tiers else ()),
    )
    return FoundRate(rules, deck_id, rate)


def may_price(prefix: str, leg: PricedLeg) -> bool:
    """A short code has a price of its own or none; prefix 1 never prices Canada and the Caribbean (Rating 8)."""
    if leg.is_short_code:
        return prefix == leg.digits
    return prefix != NANP_PREFIX or not is_neighbour(leg.called.kind)


def _no_rate(leg: PricedLeg, deck: Deck, at: datetime) -> str:
    """The sentence of NO_RATE: what was looked for, where, and the row that comes nearest."""
    near = next(deck.rows_of(leg.digits), None)
    if near is None:
        why = "no prefix of the deck begins it"
    elif leg.is_short_code:
        why = f"a short code needs a row of its own with prefix {leg.digits}"
    elif near.prefix == NANP_PREFIX and is_neighbour(leg.called.kind):
        why = f"prefix 1 is the United States, and {leg.called.kind.country} needs rows of its own area codes"
    else:
        until = "later" if near.effective_until is None else f"until {near.effective_until.isoformat()}"
        why = (
            f"prefix {near.prefix} holds from {near.effective_from.isoformat()} {until}, and no shorter one is in force"
        )
    return (
        f"No rate for {leg.digits} in deck {deck.deck_id} at {at.isoformat()}: {why}. Load a deck that prices it, then "
        "replay the rejects of reason NO_RATE."
    )


def _not_priced(leg: PricedLeg, deck_id: str, rate: Rate) -> Refusal:
    reason = RejectReason.RATE_BLOCKED if rate.status is RateStatus.BLOCKED else RejectReason.RATE_UNPRICED
    said = "blocks calls to" if rate.status is RateStatus.BLOCKED else "has no price yet for"
    return Refusal(
        reason,
        f"Row {rate.row_id} of deck {deck_id}, prefix {rate.prefix}, {said} {rate.destination}, and so {leg.digits}; a "
        "shorter prefix never prices such a call. Load a deck that prices it, then replay the rejects of reason "
        f"{reason}.",
    )
