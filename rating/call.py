"""The specification of rating: what one call costs, step by step, in plain Python.

The order of the checks is the order of the steps of `rate_call`; the first one that cannot go on gives the reason of
the rejection. `rating.batch` is the fast twin and must agree on every column.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from rating.book import Attached, RateBook
from rating.charging import FREE, call_seconds, charge_leg
from rating.leg import PricedLeg, priced_leg
from rating.money import nanos_to_decimal, parse_nanos
from rating.rated import RatedCall, Refusal, RejectedCDR, call_time, refuse
from rating.rates import FoundRate, find_rate
from rating.rules import Rule
from rating.tax.situs import Place, call_ends, place_in, place_of_number, situs
from schemas.cdr import CDR
from schemas.period import Period
from schemas.reference import Plan

NOTHING = Decimal(0)


def rate_call(cdr: CDR, book: RateBook) -> RatedCall | RejectedCDR:
    """Price one call with the rate in force when it was answered."""
    at = call_time(cdr)
    # 1. What mediation rejected stays rejected, with its reason.
    if cdr.reject_reason is not None:
        return RejectedCDR(cdr, Period.containing(at).name, cdr.reject_reason, cdr.reject_detail)
    # 2. A leg that is counted on another one costs nothing, and needs no customer.
    attached = book.attach(cdr, at)
    if not cdr.is_billed_leg:
        return _free(cdr, None if isinstance(attached, Refusal) else attached, Rule.FREE_LEG)
    # 3. Whose call it is.
    if isinstance(attached, Refusal):
        return refuse(cdr, attached)
    # 4. Only answered legs cost money.
    if cdr.answered_at is None:
        return _free(cdr, attached, Rule.UNANSWERED)
    # 5. What it costs: duration, direction, number, rate.
    priced = _price(cdr, cdr.answered_at, attached, book)
    if isinstance(priced, Refusal):
        return refuse(cdr, priced, attached.binding.account.time_zone)
    return priced


def _free(cdr: CDR, attached: Attached | None, rule: Rule) -> RatedCall:
    """A leg that costs nothing whatever it reached; the customer is named where one is found."""
    rules = (rule,) if attached is None else (attached.rule, rule)
    return _rated(cdr, attached, rules, charge_kind=FREE, call_seconds=0, billed_seconds=0, charge=NOTHING)


def _rated(cdr: CDR, attached: Attached | None, rules: tuple[Rule, ...], **price: Any) -> RatedCall:  # noqa: ANN401 - fields of RatedCall
    """A rated call of this customer; `price` names fields of `RatedCall`."""
    rule_ids = " ".join(rules)
    if attached is None:
        return RatedCall(cdr, Period.containing(call_time(cdr)).name, tuple(cdr.flags), rule_ids=rule_ids, **price)
    trunk, account, plan, address = attached.binding
    return RatedCall(
        cdr,
        Period.containing(call_time(cdr), account.time_zone).name,
        tuple(cdr.flags),
        account_id=account.account_id,
        trunk_id=trunk.trunk_id,
        plan_id=plan.plan_id,
        package=plan.package,
        service_address_id=None if address is None else address.address_id,
        service_address_version=None if address is None else address.version,
        currency=plan.currency,
        rule_ids=rule_ids,
        **price,
    )


def _price(cdr: CDR, at: datetime, attached: Attached, book: RateBook) -> RatedCall | Refusal:
    """The price of an answered, billed leg."""
    plan = attached.binding.plan
    seconds = call_seconds(cdr, plan)
    if isinstance(seconds, Refusal):
        return seconds
    leg = priced_leg(cdr, at, attached.binding, book.area_codes)
    if isinstance(leg, Refusal):
        return leg
    rules = (attached.rule, *leg.rules)
    known = _places(leg, attached) | {"call_seconds": seconds, "seconds_rounding": plan.seconds_rounding}
    if leg.is_free:
        free = {"charge_kind": FREE, "billed_seconds": 0, "charge": NOTHING}
        return _rated(cdr, attached, (*rules, Rule.FREE_CLASS), **known, **free)
    found = find_rate(leg, plan, book.decks, at)
    if isinstance(found, Refusal):
        return found
    charged = charge_leg(seconds, leg, found, plan)
    if isinstance(charged, Refusal):
        return charged
    price = {"charge_kind": charged.kind, "billed_seconds": charged.billed_seconds}
    return _rated(
        cdr,
        attached,
        (*rules, *found.rules, *charged.rules),
        charge=nanos_to_decimal(charged.nanos),
        **known,
        **_row_fields(found, plan),
        **price,
    )


def _row_fields(found: FoundRate, plan: Plan) -> dict[str, Any]:
    rate = found.rate
    return {
        "deck_id": found.deck_id,
        "deck_row": rate.row_id,
        "prefix": rate.prefix,
        "destination": rate.destination,
        "rate_per_minute": nanos_to_decimal(parse_nanos(rate.rate_per_minute or "0")),
        "connection_fee": nanos_to_decimal(parse_nanos(rate.connection_fee)),
        "initial_seconds": rate.initial_seconds,
        "next_seconds": rate.next_seconds,
        "charge_decimals": plan.charge_decimals,
        "charge_rounding": plan.charge_rounding,
    }


def _places(leg: PricedLeg, attached: Attached) -> dict[str, Any]:
    """Class and places of the call: the priced number's for reports, both ends for tax."""
    address = attached.binding.address
    at_address = Place() if address is None else place_in(address.country, address.region)
    calling, called = place_of_number(*leg.calling.kind), place_of_number(*leg.called.kind)
    found = situs(call_ends(leg.direction, calling, called, at_address), at_address)
    return {
        "priced_direction": leg.direction,
        "number_class": leg.called.kind.number_class,
        "destination_country": leg.called.kind.country,
        "destination_state": leg.called.kind.state,
        "call_scope": found.call_scope,
        "origin_country": found.ends.origin.country,
        "origin_state": found.ends.origin.state,
        "termination_country": found.ends.termination.country,
        "termination_state": found.ends.termination.state,
        "taxing_state": found.taxing_state,
    }
