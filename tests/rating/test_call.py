"""What one call costs, rule by rule (PRODUCT.md, Rating). Every expected charge is worked out in its sentence."""

from datetime import timedelta
from decimal import Decimal

import pytest

from rating.call import rate_call
from rating.rated import RatedCall, RejectedCDR
from schemas.cdr import Direction
from schemas.outcomes import RejectReason
from schemas.reference import Package, RateStatus
from tests.rating.cases import NEW_YEAR, NOON, a_book, a_cdr, a_deck, a_plan, a_rate, a_trunk, an_account, an_address

UNLIMITED = a_plan(package=Package.UNLIMITED, channel_fee="24.90")


def rated(cdr, book=None) -> RatedCall:
    result = rate_call(cdr, book or a_book())
    assert isinstance(result, RatedCall), result
    return result


def rejected(cdr, book=None) -> RejectedCDR:
    result = rate_call(cdr, book or a_book())
    assert isinstance(result, RejectedCDR), result
    return result


def test_a_metered_call():
    """61 s in steps of 6/6 are 66 s; 0.01 a minute x 66 / 60 = 0.011."""
    call = rated(a_cdr(61))
    assert (61, 66, Decimal("0.011"), "METERED") == (
        call.call_seconds, call.billed_seconds, call.charge, call.charge_kind,
    )  # fmt: skip


def test_what_is_kept_to_recompute_the_line():
    """Rating 12: deck and row, rate, increments, rounding, plan, address version, rules."""
    call = rated(a_cdr(61))
    assert ("out", "row-1", "1", Decimal("0.01"), Decimal(0), 6, 6) == (
        call.deck_id, call.deck_row, call.prefix, call.rate_per_minute, call.connection_fee, call.initial_seconds,
        call.next_seconds,
    )  # fmt: skip
    assert ("ceil", 6, "half_up", "plan", "home", 1) == (
        call.seconds_rounding, call.charge_decimals, call.charge_rounding, call.plan_id, call.service_address_id,
        call.service_address_version,
    )  # fmt: skip
    assert "trunk.id deck.outbound" == call.rule_ids


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"answered_at": None, "seconds": 0}, "leg.unanswered"),
        ({"is_billed_leg": False}, "leg.free"),
    ],
)
def test_what_costs_nothing(fields, rule):
    """Rating 1 and 7: no answer, or a leg that reaches an endpoint: a row with charge 0, and the rule that says why."""
    call = rated(a_cdr(**fields))
    assert (Decimal(0), "FREE", True) == (call.charge, call.charge_kind, rule in call.rule_ids)


def test_a_leg_of_an_unknown_customer_that_costs_nothing_is_no_reject():
    """Nobody has to pay for it."""
    call = rated(a_cdr(is_billed_leg=False, claimed_trunk_id="nobody"))
    assert (None, Decimal(0)) == (call.account_id, call.charge)


def test_an_answered_call_of_zero_milliseconds_costs_nothing():
    """Not even the connection fee (Rating 1)."""
    book = a_book(decks=(a_deck(a_rate(connection_fee="0.05")), a_deck(deck_id="in")))
    assert (0, Decimal(0)) == (rated(a_cdr(0), book).billed_seconds, rated(a_cdr(0), book).charge)


def test_the_connection_fee_is_added_once():
    """0.05 + 0.01 x 6 / 60 = 0.051."""
    book = a_book(decks=(a_deck(a_rate(connection_fee="0.05")), a_deck(deck_id="in")))
    assert Decimal("0.051") == rated(a_cdr(1), book).charge


@pytest.mark.parametrize(
    ("milliseconds", "rounding", "seconds"),
    [(60_001, "ceil", 61), (60_499, "half_up", 60), (60_500, "half_up", 61), (60_999, "floor", 60)],
)
def test_milliseconds_become_seconds_as_the_plan_says(milliseconds, rounding, seconds):
    """Rating 2: ceil by default, half_up or floor by plan."""
    book = a_book(plans=[a_plan(seconds_rounding=rounding)])
    assert seconds == rated(a_cdr(measured_ms=milliseconds), book).call_seconds


@pytest.mark.parametrize(
    ("decimals", "rounding", "charge"),
    [(6, "half_up", "0.008250"), (4, "half_up", "0.0083"), (4, "down", "0.0082"), (2, "up", "0.01"), (2, "down", "0")],
)
def test_the_charge_is_rounded_once_at_the_scale_of_the_plan(decimals, rounding, charge):
    """Rating 4: 0.0075 a minute x 66 / 60 = 0.00825 exactly; from there to the plan's decimals, once."""
    book = a_book(
        plans=[a_plan(charge_decimals=decimals, charge_rounding=rounding)],
        decks=(a_deck(a_rate(rate="0.0075")), a_deck(deck_id="in")),
    )
    assert Decimal(charge) == rated(a_cdr(61), book).charge


def test_a_short_call_may_be_free():
    """The plan charges nothing below 7 whole seconds: 6 s are free, 7 s cost 0.01 x 12 / 60 = 0.002."""
    book = a_book(plans=[a_plan(free_below_seconds=7)])
    assert [Decimal(0), Decimal("0.002")] == [rated(a_cdr(seconds), book).charge for seconds in (6, 7)]


def test_the_longest_prefix_in_force_wins():
    """Rating 5: 1608 before 1."""
    book = a_book(decks=(a_deck(a_rate("1", "0.01"), a_rate("1608", "0.02")), a_deck(deck_id="in")))
    assert "1608" == rated(a_cdr(called="+16085550199"), book).prefix
    assert "1" == rated(a_cdr(called="+16515550199"), book).prefix


@pytest.mark.parametrize(("offset", "rate"), [(timedelta(microseconds=-1), "0.01"), (timedelta(0), "0.02")])
def test_the_rate_is_that_of_the_answer(offset, rate):
    """The rate changes at noon: a call answered just before pays the old one to its end."""
    rows = (a_rate(rate="0.01", until=NOON, row_id="old"), a_rate(rate="0.02", since=NOON, row_id="new"))
    book = a_book(decks=(a_deck(*rows), a_deck(deck_id="in")))
    assert Decimal(rate) == rated(a_cdr(3600, answered_at=NOON + offset), book).rate_per_minute


@pytest.mark.parametrize(
    ("status", "reason"),
    [(RateStatus.BLOCKED, RejectReason.RATE_BLOCKED), (RateStatus.UNPRICED, RejectReason.RATE_UNPRICED)],
)
def test_a_prefix_that_may_not_be_priced_never_falls_back(status, reason):
    """A shorter, priced prefix does not price the call."""
    book = a_book(decks=(a_deck(a_rate("1"), a_rate("1608", status=status)), a_deck(deck_id="in")))
    assert reason == rejected(a_cdr(called="+16085550199"), book).reason


def test_without_a_row_there_is_no_rate():
    """The detail says which number, deck and day."""
    reject = rejected(a_cdr(called="+442079460018"))
    assert RejectReason.NO_RATE == reject.reason
    assert "442079460018" in reject.detail
    assert "out" in reject.detail


def test_an_inbound_call_is_priced_by_the_did():
    """Rating 6 and 7: the deck is the inbound one, the number is the customer's own: 0.005 x 66 / 60 = 0.0055."""
    call = rated(a_cdr(61, calling="+442079460018", called="+16125550100", direction=Direction.INBOUND))
    assert ("in", Decimal("0.0055"), "trunk.id deck.inbound") == (call.deck_id, call.charge, call.rule_ids)


def test_a_forward_is_priced_at_the_outbound_rate_even_when_unlimited():
    """Rating 6: 0.01 x 66 / 60 = 0.011 on an UNLIMITED trunk."""
    call = rated(a_cdr(61, direction=Direction.FORWARD), a_book(plans=[UNLIMITED]))
    assert ("METERED", Decimal("0.011"), "out") == (call.charge_kind, call.charge, call.deck_id)


def test_a_plan_without_inbound_deck_cannot_price_inbound():
    """NO_DECK, not a free call."""
    book = a_book(plans=[a_plan(inbound_deck=None)])
    assert RejectReason.NO_DECK == rejected(a_cdr(called="+16125550100", direction=Direction.INBOUND), book).reason


@pytest.mark.parametrize(
    ("called", "kind"),
    [
        ("+16085550199", "INCLUDED"),
        ("+19075550101", "INCLUDED"),
        ("+17875550101", "METERED"),
        ("+14165550101", "METERED"),
        ("+18765550101", "METERED"),
        ("+18005550101", "METERED"),
    ],
    ids=["lower-48", "alaska", "puerto-rico", "canada", "jamaica", "toll-free"],
)
def test_what_unlimited_includes(called, kind):
    """Rating 9: 50 states and DC; territories, toll-free, Canada and the Caribbean are metered."""
    rows = tuple(a_rate(prefix) for prefix in ("1", "1416", "1876"))
    book = a_book(plans=[UNLIMITED], decks=(a_deck(*rows), a_deck(deck_id="in")))
    assert kind == rated(a_cdr(called=called), book).charge_kind


def test_an_included_call_keeps_what_would_meter_it():
    """The close prices the overage of fair use with the row, the rate and the increments of the call itself."""
    call = rated(a_cdr(61), a_book(plans=[UNLIMITED]))
    assert (Decimal(0), "row-1", Decimal("0.01"), 6, 61) == (
        call.charge, call.deck_row, call.rate_per_minute, call.initial_seconds, call.call_seconds,
    )  # fmt: skip
    assert "plan.unlimited" in call.rule_ids


def test_excluded_prefixes_are_metered():
    """A listed traffic-pumping prefix is domestic and is metered all the same."""
    book = a_book(plans=[UNLIMITED.model_copy(update={"excluded_prefixes": ("1608555",)})])
    assert ["METERED", "INCLUDED"] == [
        rated(a_cdr(called=called), book).charge_kind for called in ("+16085550199", "+16515550199")
    ]


def test_inbound_is_metered_on_an_unlimited_trunk():
    """UNLIMITED speaks of outbound calls only."""
    book = a_book(plans=[UNLIMITED])
    assert "METERED" == rated(a_cdr(called="+16125550100", direction=Direction.INBOUND), book).charge_kind


@pytest.mark.parametrize("called", ["911", "988"])
def test_emergency_is_never_charged(called):
    """Free by class, whatever the deck says."""
    call = rated(a_cdr(called=called))
    assert (Decimal(0), "FREE") == (call.charge, call.charge_kind)


@pytest.mark.parametrize(
    ("called", "reason"),
    [
        ("+19005550101", RejectReason.CLASS_BLOCKED),
        ("+17005550101", RejectReason.CLASS_BLOCKED),
        ("+12005550101", RejectReason.UNKNOWN_NANP),
        ("+15655550101", RejectReason.UNKNOWN_NANP),
        ("abc", RejectReason.NUM_UNPARSED),
        (None, RejectReason.NUM_UNPARSED),
    ],
)
def test_numbers_that_are_no_destination(called, reason):
    """Rating 8: classified before any prefix; an unknown +1 area code never falls through to prefix 1."""
    assert reason == rejected(a_cdr(called=called)).reason


def test_an_area_code_counts_from_its_day_of_service():
    """471 is in service from 2026-10-05 on: the day before it is unknown."""
    assert "US_LOWER48_DC" == rated(a_cdr(called="+14715550101")).number_class
    early = a_cdr(called="+14715550101", answered_at=NOON - timedelta(days=1))
    assert RejectReason.UNKNOWN_NANP == rejected(early).reason


def test_digits_are_read_by_the_dial_plan_of_the_trunk():
    """Ten digits are a US number on a US trunk; 011 begins an international one."""
    book = a_book(decks=(a_deck(a_rate("1"), a_rate("44", "0.02")), a_deck(deck_id="in")))
    assert "1" == rated(a_cdr(called="6085550199"), book).prefix
    assert "44" == rated(a_cdr(called="011442079460018"), book).prefix


@pytest.mark.parametrize(
    ("called", "calling", "direction"),
    [("+16125550100", "+16085550199", "INBOUND"), ("+16085550199", "+16125550100", "OUTBOUND")],
)
def test_a_record_without_direction_is_read_by_the_trunks_did(called, calling, direction):
    """At the called end it is inbound, at the calling end outbound; the row keeps it."""
    call = rated(a_cdr(called=called, calling=calling, direction=None))
    assert (direction, True) == (call.priced_direction, "direction.did" in call.rule_ids)


@pytest.mark.parametrize(
    ("called", "calling"), [("+16085550199", "+16515550199"), ("+16125550100", "+16125550100")], ids=["none", "both"]
)
def test_without_a_did_at_one_end_there_is_no_direction(called, calling):
    """Nothing is guessed."""
    assert RejectReason.NO_DIRECTION == rejected(a_cdr(called=called, calling=calling, direction=None)).reason


def test_the_period_is_that_of_the_account():
    """23:30 on 30 September in New York is 03:30 UTC on 1 October: the call belongs to September there."""
    at = NOON.replace(month=10, day=1, hour=3, minute=30)
    book = a_book(accounts=[an_account(time_zone="America/New_York")])
    assert ["2026-09", "2026-10"] == [rated(a_cdr(answered_at=at), one).period for one in (book, a_book())]


@pytest.mark.parametrize(
    ("called", "scope", "state"),
    [
        ("+16515550199", "INTRASTATE", "MN"),
        ("+16085550199", "INTERSTATE", "MN"),
        ("+14165550101", "INTERNATIONAL", "MN"),
        ("+18005550101", "INDETERMINATE", "MN"),
    ],
)
def test_class_and_taxing_state(called, scope, state):
    """From Minneapolis: origin and service address are two that agree on MN, wherever the call goes (us-tax A.3)."""
    rows = (a_rate("1"), a_rate("1416"))
    call = rated(a_cdr(called=called), a_book(decks=(a_deck(*rows), a_deck(deck_id="in"))))
    assert (scope, state) == (call.call_scope, call.taxing_state)


def test_the_version_of_the_address_is_that_of_the_call():
    """Edited at noon: calls before are pinned to version 1."""
    addresses = (an_address(), an_address(version=2, effective_from=NOON, region="WI"))
    book = a_book(addresses=addresses)
    before = a_cdr(answered_at=NOON - timedelta(seconds=1))
    assert [1, 2] == [rated(cdr, book).service_address_version for cdr in (before, a_cdr())]


def test_a_plan_that_is_not_in_force_prices_nothing():
    """NO_PLAN, with what to add."""
    book = a_book(plans=[a_plan(effective_until=NOON)])
    assert RejectReason.NO_PLAN == rejected(a_cdr(), book).reason


def test_a_charge_beyond_any_money_is_a_reject():
    """The largest rate for 48 hours does not fit; nothing wraps around."""
    book = a_book(decks=(a_deck(a_rate(rate="999999999.999999999")), a_deck(deck_id="in")))
    assert RejectReason.CHARGE_OVERFLOW == rejected(a_cdr(172_800), book).reason


def test_what_mediation_stopped_stays_stopped():
    """Its reason and its sentence are kept."""
    reject = rejected(a_cdr(reject_reason="NEG_DURATION", reject_detail="because"))
    assert ("NEG_DURATION", "because") == (reject.reason, reject.detail)


def test_remarks_of_mediation_are_kept():
    """Flags do not stop rating."""
    assert ("ENCODING",) == tuple(rated(a_cdr(flags=("ENCODING",))).flags)


def test_two_trunks_two_plans():
    """Each call is priced by the plan of its own trunk."""
    plans = [a_plan(), a_plan("dear", outbound_deck="dear")]
    decks = (a_deck(), a_deck(deck_id="in"), a_deck(a_rate(rate="0.10"), deck_id="dear"))
    book = a_book(plans=plans, decks=decks, trunks=[a_trunk(), a_trunk("second", plan_id="dear", dids=())])
    charges = [rated(a_cdr(60, claimed_trunk_id=name), book).charge for name in ("trunk", "second")]
    assert [Decimal("0.01"), Decimal("0.10")] == charges


def test_the_year_begins_for_everything():
    """All reference data of these tests is in force from New Year on; before it there is no trunk."""
    assert RejectReason.TRUNK_ENDED == rejected(a_cdr(answered_at=NEW_YEAR - timedelta(seconds=1))).reason
