"""Every step of a price as data, and amounts that add up to the charge exactly."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from rating.call import rate_call
from rating.explain import Step, amount_text, explain_call
from rating.rated import RatedCall
from schemas.cdr import Direction
from schemas.reference import Package
from tests.rating.cases import a_book, a_cdr, a_deck, a_plan, a_rate
from tests.rating.test_batch import books, cdrs


def found(steps):
    """The value of each step."""
    return [(step.name, step.value) for step in steps]


def test_a_metered_call_step_by_step():
    """61 s at 60/6 and 0.0079 a minute with a fee of 0.01: 66 s, 0.01 + 0.00869 = 0.01869, nothing to round."""
    rate = a_rate("4420", "0.0079", "60/6", connection_fee="0.01", destination="London")
    steps = explain_call(a_cdr(called="+442079460018"), a_book(decks=[a_deck(rate), a_deck(deck_id="in")]))
    assert [
        ("trunk", "trunk"),
        ("account", "acme"),
        ("plan", "plan"),
        ("service address", "home version 1"),
        ("seconds", "61"),
        ("direction", "OUTBOUND"),
        ("number", "+442079460018"),
        ("deck", "out"),
        ("row", "row-4420"),
        ("billed", "66"),
        ("fee", "0.01"),
        ("minutes", "0.00869"),
        ("charge", "0.018690000 USD"),
    ] == found(steps)
    assert "0.0079 a minute x 66 s / 60." == next(step.why for step in steps if step.name == "minutes")


def test_the_rounding_is_a_step():
    """1 s at 0.01 a minute is 0.01 / 60 = 0.00016666..., half up 0.000167: the step adds 1/3 of 10^-6."""
    steps = explain_call(a_cdr(seconds=1), a_book(decks=[a_deck(a_rate(increments="1/1")), a_deck(deck_id="in")]))
    rounding = next(step for step in steps if step.name == "rounding")
    assert Fraction(1, 3_000_000) == rounding.amount
    assert "0.000000333333..." == rounding.value


def test_an_included_call_shows_what_it_would_cost():
    """On UNLIMITED the minutes are there, and the plan takes them away."""
    book = a_book(plans=[a_plan(package=Package.UNLIMITED)])
    steps = explain_call(a_cdr(), book)
    assert [("minutes", "0.011"), ("not charged", "-0.011"), ("charge", "0.000000000 USD")] == found(steps)[-3:]


def test_tiers_are_pieces():
    """A minute at 0.2 in steps of 60, then 30 s at 0.1 in steps of 1: 0.2 + 0.05."""
    rate = a_rate(rate="0.2", increments="60/60", tiers="60:0.1/1")
    steps = explain_call(a_cdr(seconds=90), a_book(decks=[a_deck(rate), a_deck(deck_id="in")]))
    assert [("billed", "60"), ("billed", "30")] == [row for row in found(steps) if row[0] == "billed"]
    assert ["0.2", "0.05"] == [step.value for step in steps if step.name == "minutes"]


@pytest.mark.parametrize(
    ("record", "last", "before"),
    [
        (a_cdr(answered_at=None, seconds=None), ("charge", "0 USD"), ("leg", "not answered")),
        (a_cdr(is_billed_leg=False), ("charge", "0 USD"), ("leg", "not billed")),
        (a_cdr(called="911"), ("charge", "0 USD"), ("class", "EMERGENCY")),
        (a_cdr(called="+12005550100"), ("rejected", "UNKNOWN_NANP"), ("seconds", "61")),
        (a_cdr(called="+4999"), ("rejected", "NUM_UNPARSED"), ("seconds", "61")),
        (a_cdr(called="+493012345678"), ("rejected", "NO_RATE"), ("number", "+493012345678")),
        (a_cdr(seconds=None), ("rejected", "NO_STOP"), ("service address", "home version 1")),
    ],
)
def test_free_and_refused_calls_end_where_they_were_decided(record, last, before):
    """The last step is the outcome, the one before it how far the call came."""
    steps = found(explain_call(record, a_book()))
    assert (before, last) == (steps[-2], steps[-1])


def test_a_record_that_mediation_rejected_has_one_step():
    """Nothing was decided here: the reason of mediation is all there is."""
    record = a_cdr(reject_reason="BAD_FIELD", reject_detail="A letter where digits were expected.")
    assert [Step("rejected", "BAD_FIELD", "A letter where digits were expected.")] == explain_call(record, a_book())


def test_the_direction_says_what_decided_it():
    """A record without direction to the trunk's own DID is inbound by that DID."""
    record = a_cdr(direction=None, calling="+16085550199", called="+16125550100")
    step = next(step for step in explain_call(record, a_book()) if step.name == "direction")
    assert (Direction.INBOUND, True) == (step.value, "own DID" in step.why)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("0", Fraction(0)), ("-0.5", Fraction(-1, 2)), ("0.333333333333...", Fraction(1, 3)), ("1200", Fraction(1200))],
)
def test_amounts_are_plain_text(text, amount):
    """No exponent, no trailing zeros; three dots where the amount goes on."""
    assert text == amount_text(amount)


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(books(), cdrs())
def test_amounts_add_up_to_the_charge(book, record):
    """Whatever the call: the amounts of its steps are its charge, exactly, and a refused one has none."""
    result = rate_call(record, book)
    amounts = [step.amount for step in explain_call(record, book) if step.amount is not None]
    expected = Fraction(result.charge) if isinstance(result, RatedCall) else 0
    assert expected == sum(amounts, Fraction())
