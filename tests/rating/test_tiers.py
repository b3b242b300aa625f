"""Rates that change within a call, piece by piece and in columns."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rating.charge import EXACT_MAX
from rating.tiers import TOO_LARGE, Tier, charge_tiers, exact_charge_of, pieces_of, read_tiers, tiers_of
from tests.rating.cases import a_rate

NANO = 10**9
A_MINUTE = 60


def pieces(rate, seconds):
    """Seconds left to each tier, and what it bills."""
    return [(piece.call_seconds, piece.billed_seconds) for piece in pieces_of(tiers_of(rate), seconds)]


@pytest.mark.parametrize(
    ("expected", "seconds"),
    [
        ([], 0),
        ([(1, 60)], 1),
        ([(60, 60)], 60),
        ([(60, 60), (1, 10)], 61),
        ([(60, 60), (60, 60), (1, 7)], 121),
    ],
)
def test_a_call_is_cut_where_the_next_tier_begins(expected, seconds):
    """A minute in steps of 60, a minute in steps of 10, then steps of 7."""
    assert expected == pieces(a_rate(increments="60/60", tiers="60:0.1/10;120:0.05/7"), seconds)


def test_what_the_round_up_takes_is_taken_from_the_next_tier():
    """Steps of 45: the first piece of 60 s is billed as 90, so a call of 100 s leaves 10 s to the next tier."""
    assert [(60, 90), (10, 10)] == pieces(a_rate(increments="45/45", tiers="60:0.1/1"), 100)


def test_a_round_up_may_take_a_whole_tier():
    """A first step of 180 s covers the tier from 60 to 120; the third begins at 180."""
    assert [(60, 180), (20, 20)] == pieces(a_rate(increments="180/180", tiers="60:9/1;120:0.1/1"), 200)


def test_a_row_without_tiers_is_one_tier():
    """Its own rate, from the start."""
    assert (Tier(0, 10_000_000, 6, 6),) == tiers_of(a_rate())


def test_tiers_are_read_from_text():
    """Second, rate per minute, step."""
    assert (Tier(60, 50_000_000, 1, 1), Tier(120, 0, 6, 6)) == read_tiers("60:0.05/1;120:0/6")


@pytest.mark.parametrize("text", ["0:1/1", "60:1/1;60:2/1", "90:1/1;60:1/1"])
def test_tiers_must_follow_each_other(text):
    """The first begins after second 0, and each after the one before."""
    with pytest.raises(ValueError, match="expected a second after"):
        read_tiers(text)


def test_a_charge_that_does_not_fit_is_an_overflow():
    """Every piece fits, their sum does not."""
    tiers = (Tier(0, NANO, 1, 1), Tier(1, 10**18, 1, 1))
    assert EXACT_MAX >= exact_charge_of(pieces_of(tiers, 4), 0)
    with pytest.raises(OverflowError):
        exact_charge_of(pieces_of(tiers, 6), 0)


rates = st.sampled_from([0, 1, 7_500_000, 10**18 - 1]) | st.integers(0, 10**10)
steps = st.integers(1, 200)


@st.composite
def tariffs(draw):
    """A rate and up to four tiers."""
    since = sorted(draw(st.sets(st.integers(1, 400), max_size=4)))
    return (
        Tier(0, draw(rates), draw(steps), draw(steps)),
        *(Tier(second, draw(rates), step, step) for second, step in zip(since, map(draw, [steps] * 4), strict=False)),
    )


def second_by_second(tiers, seconds):
    """An independent reading: whole steps are bought one after the other until the call is covered."""
    reached, amount, bought = 0, Fraction(0), set()
    while reached < seconds:
        number = max(at for at, tier in enumerate(tiers) if tier.from_second <= reached)
        tier = tiers[number]
        step = tier.next_seconds if number in bought else tier.initial_seconds
        bought.add(number)
        reached += step
        amount += Fraction(tier.rate_nanos * step, A_MINUTE)
    return reached, amount


@settings(deadline=None)
@given(tariffs(), st.integers(0, 1_000))
def test_pieces_are_the_steps_that_a_clerk_would_buy(tiers, seconds):
    """Buying step after step, each at the tier that holds when it begins, gives the same seconds and the same money."""
    reached, amount = second_by_second(tiers, seconds)
    found = pieces_of(tiers, seconds)
    assert reached == sum(piece.billed_seconds for piece in found)
    assert amount == sum(Fraction(piece.tier.rate_nanos * piece.billed_seconds, A_MINUTE) for piece in found)


@settings(deadline=None)
@given(tariffs(), st.integers(0, 10**12), st.lists(st.integers(0, 5_000), min_size=1, max_size=20))
def test_columns_agree_or_say_that_a_charge_may_not_fit(tiers, fee, seconds):
    """Billed seconds always; the exact charge wherever the steepest tier could bill all of it."""
    columns = charge_tiers(tiers, fee, np.array(seconds, np.int64))
    for at, call in enumerate(seconds):
        found = pieces_of(tiers, call)
        assert sum(piece.billed_seconds for piece in found) == columns.billed_seconds[at]
        if columns.exact[at] != TOO_LARGE:
            assert exact_charge_of(found, fee) == columns.exact[at]
        else:
            assert EXACT_MAX < 60 * fee + int(columns.billed_seconds[at]) * max(tier.rate_nanos for tier in tiers)
