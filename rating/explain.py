"""How one call came to its price: every step of `rating.call.rate_call` as data, in order, with the reason of each.

The steps that carry an `amount` add up to the charge exactly: connection fee, each piece of the call, what a plan does
not charge, and the one rounding. A refused call ends with the step that refused it.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from rating.book import Attached, RateBook
from rating.book_problems import time_text
from rating.call import rate_call
from rating.charging import Charged, call_seconds, charge_leg
from rating.leg import PricedLeg, priced_leg
from rating.money import NANOS_PER_UNIT, nanos_to_text
from rating.rated import RatedCall, Refusal, RejectedCDR, call_time
from rating.rates import FoundRate, find_rate
from rating.rules import Rule
from rating.tiers import Piece
from schemas.cdr import CDR
from schemas.reference import Plan

_SECONDS_PER_MINUTE = 60


class Step(NamedTuple):
    """One step on the way to a price."""

    name: str
    """What was decided: trunk, plan, direction, number, rate, seconds, fee, minutes, rounding, charge, ..."""
    value: str
    """What it was decided to be."""
    why: str
    amount: Fraction | None = None
    """What the step adds to the charge, in the currency of the account, exactly."""


def explain_call(cdr: CDR, book: RateBook) -> list[Step]:
    """Every step of the price of a record, or of its rejection."""
    return [*_steps(cdr, book), *_outcome(rate_call(cdr, book))]


def amount_text(amount: Fraction) -> str:
    """An exact amount as decimal text, cut after twelve decimals with a dot dot dot where it has no end."""
    scaled = amount * 10**_SHOWN_DECIMALS
    whole = abs(scaled.numerator) // scaled.denominator
    text = f"{Decimal(whole).scaleb(-_SHOWN_DECIMALS):f}".rstrip("0").rstrip(".") or "0"
    sign = "-" if amount < 0 else ""
    return f"{sign}{text}{'' if scaled.denominator == 1 else '...'}"


_SHOWN_DECIMALS = 12


def _steps(cdr: CDR, book: RateBook) -> Iterator[Step]:
    """The steps up to the one that refuses the call or charges it."""
    if cdr.reject_reason is not None:
        return
    at = call_time(cdr)
    attached = book.attach(cdr, at)
    if isinstance(attached, Attached):
        yield from _customer_steps(attached)
    if not cdr.is_billed_leg:
        yield Step("leg", "not billed", Rule.FREE_LEG.text)
    elif isinstance(attached, Attached) and cdr.answered_at is None:
        yield Step("leg", "not answered", Rule.UNANSWERED.text)
    elif isinstance(attached, Attached) and cdr.answered_at is not None:
        yield from _price_steps(cdr, cdr.answered_at, attached, book)


def _customer_steps(attached: Attached) -> Iterator[Step]:
    trunk, account, plan, address = attached.binding
    yield Step("trunk", trunk.trunk_id, attached.rule.text)
    yield Step("account", account.account_id, f"The owner of the trunk; its months are those of {account.time_zone}.")
    until = "" if plan.effective_until is None else f" until {time_text(plan.effective_until)}"
    dates = f"from {time_text(plan.effective_from)}{until}"
    yield Step("plan", plan.plan_id, f"The plan of the trunk, {plan.package}, in force {dates}.")
    if address is not None:
        place = ", ".join(filter(None, (address.city, address.region, address.country)))
        yield Step("service address", f"{address.address_id} version {address.version}", f"The trunk's, in {place}.")


def _price_steps(cdr: CDR, at: datetime, attached: Attached, book: RateBook) -> Iterator[Step]:
    plan = attached.binding.plan
    seconds = call_seconds(cdr, plan)
    if isinstance(seconds, Refusal):
        return
    yield Step("seconds", str(seconds), f"{cdr.measured_ms} ms from answer to release, by {plan.seconds_rounding}.")
    leg = priced_leg(cdr, at, attached.binding, book.area_codes)
    if isinstance(leg, Refusal):
        return
    yield from _leg_steps(cdr, leg)
    if leg.is_free:
        yield Step("class", leg.called.kind.number_class, Rule.FREE_CLASS.text)
        return
    found = find_rate(leg, plan, book.decks, at)
    if isinstance(found, Refusal):
        return
    yield from _rate_steps(found)
    charged = charge_leg(seconds, leg, found, plan)
    if not isinstance(charged, Refusal):
        yield from _charge_steps(charged, plan)


def _leg_steps(cdr: CDR, leg: PricedLeg) -> Iterator[Step]:
    why = Rule.DIRECTION_BY_DID.text if leg.rules else "As the record says."
    yield Step("direction", leg.direction, why)
    kind = leg.called.kind
    place = ", ".join(filter(None, (kind.state, kind.country))) or "no place"
    number = leg.called.e164 or cdr.called or ""
    dialled = "" if number == cdr.called else f", dialled as {cdr.called}"
    yield Step("number", number, f"{kind.number_class}, {place}{dialled}.")


def _rate_steps(found: FoundRate) -> Iterator[Step]:
    rate = found.rate
    yield Step("deck", found.deck_id, " ".join(rule.text for rule in found.rules))
    until = "" if rate.effective_until is None else f" until {time_text(rate.effective_until)}"
    held = f"in force from {time_text(rate.effective_from)}{until}"
    hours = f", {rate.hours}" if rate.hours else ""
    yield Step("row", rate.row_id, f"The longest prefix, {rate.prefix} {rate.destination}, {held}{hours}.")


def _charge_steps(charged: Charged, plan: Plan) -> Iterator[Step]:
    """Seconds after increments and the arithmetic of the charge."""
    yield from (_billed_step(piece) for piece in charged.pieces)
    exact = _units(charged.fee_nanos)
    if charged.fee_nanos:
        yield Step("fee", nanos_to_text(charged.fee_nanos), "The connection fee of the row, once.", exact)
    for piece in charged.pieces:
        amount = _units(piece.tier.rate_nanos) * piece.billed_seconds / _SECONDS_PER_MINUTE
        rate = nanos_to_text(piece.tier.rate_nanos)
        yield Step("minutes", amount_text(amount), f"{rate} a minute x {piece.billed_seconds} s / 60.", amount)
        exact += amount
    difference = _units(charged.nanos) - exact
    for rule in charged.rules:
        yield Step("not charged", amount_text(difference), rule.text, difference)
        difference = Fraction()
    if difference:
        why = f"{plan.charge_rounding} to {plan.charge_decimals} decimals, once, from the exact sum."
        yield Step("rounding", amount_text(difference), why, difference)


def _billed_step(piece: Piece) -> Step:
    tier = piece.tier
    since = f" from second {tier.from_second}" if tier.from_second else ""
    steps = f"{tier.initial_seconds}/{tier.next_seconds}"
    return Step("billed", str(piece.billed_seconds), f"{piece.call_seconds} s{since} in steps of {steps}.")


def _units(nanos: int) -> Fraction:
    return Fraction(nanos, NANOS_PER_UNIT)


def _outcome(result: RatedCall | RejectedCDR) -> Iterator[Step]:
    if isinstance(result, RejectedCDR):
        yield Step("rejected", result.reason, result.detail or "")
    else:
        yield Step("charge", f"{result.charge:f} {result.currency or ''}".strip(), str(result.charge_kind))
