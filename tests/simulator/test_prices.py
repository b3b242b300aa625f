"""What a call has to cost, by hand."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.simulator.calls import FORWARD, INBOUND, OUTBOUND
from pipeline.simulator.parties import Kind, Party
from pipeline.simulator.prices import Terms, charge_of, longest_prefix, rounded, terms_of, whole_seconds
from pipeline.simulator.traffic import epoch_ms
from rating.charge import charge_nanos
from rating.duration import billed_seconds
from schemas.outcomes import RejectReason
from tests.simulator.runs import example_reference

BEFORE, AFTER = (epoch_ms(datetime(2026, 10, day, 12, tzinfo=UTC)) for day in (14, 15))


def _charge(trunk_id: str, digits: str, seconds: int, direction: int = OUTBOUND, at: int = BEFORE):
    reference = example_reference()
    trunk = next(trunk for trunk in reference.trunks if trunk.trunk_id == trunk_id)
    return charge_of(terms_of(trunk, Party(f"+{digits}", digits), direction, at, reference), seconds)


@pytest.mark.parametrize(
    ("digits", "seconds", "billed", "charge"),
    [
        ("13125550100", 31, 36, "0.0045"),  # 6/6 at 0.0075: 36 s
        ("19075550100", 31, 36, "0.0252"),  # 30/6 at 0.0420
        ("17124320000", 61, 120, "0.14"),  # 60/60 at 0.0650 and a fee of 0.01
        ("442079460000", 61, 61, "0.008032"),  # 60/1 at 0.0079: 0.00803166...
        ("18005550100", 500, 500, "0"),  # toll-free is priced 0
        ("18765550100", 1, 60, "0.115"),
    ],
)
def test_a_metered_call_costs_what_its_row_says(digits: str, seconds: int, billed: int, charge: str):
    """Increments first, then rate per minute and fee, rounded once to six decimals."""
    assert (billed, Decimal(charge)) == _charge("acme-front-desk", digits, seconds)


def test_a_call_of_no_seconds_costs_nothing_not_even_the_fee():
    """PRODUCT.md, Rating 1."""
    assert (0, Decimal(0)) == _charge("acme-front-desk", "17124320000", 0)


@pytest.mark.parametrize(("at", "charge"), [(BEFORE, "0.033"), (AFTER, "0.029")])
def test_the_rate_in_force_at_the_answer_counts(at: int, charge: str):
    """The UK mobile rate goes down at midnight of 15 October."""
    assert (60, Decimal(charge)) == _charge("acme-front-desk", "447700900100", 60, at=at)


def test_an_unlimited_trunk_includes_domestic_calls_and_nothing_else():
    """Hawaii is domestic; Puerto Rico, a conference line, an inbound and a forwarded call are not."""
    unlimited = "heron-dispatch"
    assert Decimal(0) == _charge(unlimited, "18085550100", 60)[1]
    assert Decimal("0.012") == _charge(unlimited, "17875550100", 60)[1]
    assert Decimal("0.075") == _charge(unlimited, "17124320000", 60)[1]
    assert Decimal("0.0035") == _charge(unlimited, "16085550120", 60, INBOUND)[1]
    assert Decimal("0.0195") == _charge(unlimited, "18085550100", 60, FORWARD)[1]


def test_a_plan_may_round_to_four_decimals():
    """Berlin at 0.0070 and 60/1: 61 s are 0.00711666..."""
    assert (61, Decimal("0.0071")) == _charge("delta-berlin", "4940200000000", 61)


@pytest.mark.parametrize(
    ("party", "reason"),
    [
        (Party("+447020000000", "447020000000"), RejectReason.RATE_BLOCKED),
        (Party("+881620000000", "881620000000"), RejectReason.RATE_UNPRICED),
        (Party("+8620000000", "8620000000"), RejectReason.NO_RATE),
        (Party("+19005550123", "19005550123", Kind.BLOCKED_CLASS), RejectReason.CLASS_BLOCKED),
        (Party("+12925550100", "12925550100", Kind.NOT_IN_SERVICE), RejectReason.UNKNOWN_NANP),
        (Party("44163ABC", "44163ABC", Kind.UNREADABLE), RejectReason.NUM_UNPARSED),
        (Party("911", "911", Kind.FREE), None),
    ],
)
def test_what_cannot_be_priced_has_its_reason(party: Party, reason: RejectReason | None):
    """A blocked or unpriced row rejects; it never falls back to a shorter prefix."""
    reference = example_reference()
    terms = terms_of(reference.trunks[0], party, OUTBOUND, BEFORE, reference)
    assert reason == terms.reason
    assert (0, Decimal(0) if reason is None else None) == charge_of(terms, 60)


def test_a_row_that_has_ended_makes_way_for_a_shorter_prefix():
    """Without the row that follows, 447 falls to 44."""
    deck = next(deck for deck in example_reference().decks if deck.deck_id == "us-outbound")
    rates = [rate for rate in deck.rates if rate.row_id != "usd-026"]
    assert ["447", "44"] == [longest_prefix(rates, "447700900100", at).prefix for at in (BEFORE, AFTER)]


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [("ceil", [0, 0, 1, 1, 61]), ("half_up", [0, 0, 0, 1, 60]), ("floor", [0, 0, 0, 0, 60])],
)
def test_milliseconds_become_seconds_by_the_rounding_of_the_plan(rounding: str, expected: list[int]):
    """A negative duration counts as none."""
    assert expected == whole_seconds(np.array([-5, 0, 1, 500, 60_042]), rounding).tolist()


@pytest.mark.parametrize(
    ("decimals", "rounding", "expected"),
    [
        (6, "half_up", "0.000001"),
        (6, "down", "0"),
        (6, "up", "0.000001"),
        (7, "half_up", "0.0000005"),
        (-1, "up", "10"),
    ],
)
def test_half_a_unit_is_rounded_as_the_plan_says(decimals: int, rounding: str, expected: str):
    """0.0000005 with six decimals, seven, and tens."""
    assert Decimal(expected) == rounded(Fraction(5, 10_000_000), decimals, rounding)


class Case(NamedTuple):
    """Any row of any deck, and a call."""

    rate: int
    fee: int
    initial: int
    following: int
    decimals: int
    rounding: str
    seconds: int


CASES = st.builds(
    Case, st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 120), st.integers(1, 120), st.integers(-2, 9),
    st.sampled_from(["half_up", "up", "down"]), st.integers(0, 100_000),
)  # fmt: skip


@given(CASES)
def test_two_ways_to_the_same_charge(case: Case):
    """Fractions here and integers in `rating` agree on every call."""
    reference = example_reference()
    row = (
        reference.decks[0]
        .rates[0]
        .model_copy(
            update={
                "rate_per_minute": f"{Decimal(case.rate).scaleb(-9):f}",
                "connection_fee": f"{Decimal(case.fee).scaleb(-9):f}",
                "initial_seconds": case.initial,
                "next_seconds": case.following,
            }
        )
    )
    plan = reference.plans[0].model_copy(update={"charge_decimals": case.decimals, "charge_rounding": case.rounding})
    terms = Terms(None, plan, row)
    billed, charge = charge_of(terms, case.seconds)
    assert billed == billed_seconds(case.seconds, case.initial, case.following)
    expected = charge_nanos(case.rate, case.fee, billed, case.decimals, case.rounding) if case.seconds else 0
    assert Decimal(expected).scaleb(-9) == charge
