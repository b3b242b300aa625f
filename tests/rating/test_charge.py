"""The charge is exact until it is rounded once, by the plan's rule."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rating.charge import (
    EXACT_MAX,
    charge_nanos,
    exact_charge,
    exact_charge_column,
    round_charge,
    seconds_before_overflow,
)
from rating.money import nanos_to_decimal, parse_nanos

DECIMALS = st.integers(-6, 9)
ROUNDINGS = {"half_up": ROUND_HALF_UP, "up": ROUND_UP, "down": ROUND_DOWN}
SIXTIETHS = st.integers(0, EXACT_MAX)


@pytest.mark.parametrize(
    ("charge", "rate", "fee", "seconds", "scale"),
    [
        # 66 s at 0.0075: 0.00825
        ("0.008250000", "0.0075", "0", 66, (6, "half_up")),
        # 7 s at 0.0115: 0.0805 / 60 = 0.00134166...
        ("0.001342000", "0.0115", "0", 7, (6, "half_up")),
        ("0.001341667", "0.0115", "0", 7, (9, "half_up")),
        ("0.001341000", "0.0115", "0", 7, (6, "down")),
        # 0.10 + 90 s at 0.15: 0.10 + 0.225
        ("0.325000000", "0.15", "0.10", 90, (4, "half_up")),
        # 12 s at 0.00095: 0.00019, rounded up to four decimals
        ("0.000200000", "0.00095", "0", 12, (4, "up")),
        # 24 s at 0.05 and 0.15: 0.17 exactly, so nothing is added
        ("0.170000000", "0.05", "0.15", 24, (2, "up")),
        # exactly half: 30 s at 0.000001 are 0.0000005
        ("0.000001000", "0.000001", "0", 30, (6, "half_up")),
        # 14.37 at tens and at whole units
        ("10.000000000", "0", "14.37", 1, (-1, "half_up")),
        ("20.000000000", "0", "14.37", 1, (-1, "up")),
        ("14.000000000", "0", "14.37", 1, (0, "half_up")),
    ],
)
def test_worked_charges(charge, rate, fee, seconds, scale):
    """Fee + rate x seconds / 60, each sum worked out beside the case."""
    nanos = charge_nanos(parse_nanos(rate), parse_nanos(fee), seconds, *scale)
    assert charge == f"{nanos_to_decimal(nanos):f}"


def test_no_seconds_cost_nothing_not_even_the_fee():
    """An answered call of zero seconds costs 0 (PRODUCT.md, Rating 1)."""
    assert 0 == charge_nanos(parse_nanos("0.5"), parse_nanos("0.10"), 0)


def test_a_price_per_second_is_never_rounded_first():
    """A minute at 0.02 is 0.02, not 60 times a rounded 0.00033."""
    assert parse_nanos("0.02") == charge_nanos(parse_nanos("0.02"), 0, 60, 5, "up")


@given(SIXTIETHS, DECIMALS, st.sampled_from(sorted(ROUNDINGS)))
def test_rounding_equals_exact_fractions(sixtieths, decimals, rounding):
    """The whole-number formula equals rounding the exact fraction in rational arithmetic."""
    unit = Fraction(10) ** -decimals
    exact = Fraction(sixtieths, 60 * 10**9) / unit
    whole, rest = divmod(exact, 1)
    add = {"half_up": rest >= Fraction(1, 2), "up": rest > 0, "down": False}[rounding]
    assert (whole + add) * unit == Fraction(round_charge(sixtieths, decimals, rounding), 10**9)


@given(st.lists(SIXTIETHS, max_size=30), DECIMALS, st.sampled_from(sorted(ROUNDINGS)))
def test_a_column_is_rounded_as_its_values(sixtieths, decimals, rounding):
    """Up to the largest exact charge no step leaves 64 bits."""
    column = round_charge(np.array(sixtieths, np.int64), decimals, rounding)
    assert [round_charge(value, decimals, rounding) for value in sixtieths] == column.tolist()


@given(st.integers(0, 10**18 - 1), st.integers(0, 10**18 - 1), st.integers(1, 10**16))
def test_overflow_begins_where_the_limit_says(rate, fee, seconds):
    """A charge beyond the limit raises, and `seconds_before_overflow` tells so before."""
    if seconds <= seconds_before_overflow(rate, fee):
        assert 60 * fee + rate * seconds == exact_charge(rate, fee, seconds)
    else:
        with pytest.raises(OverflowError):
            exact_charge(rate, fee, seconds)


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 10**5))
def test_exact_charge_of_a_column(rate, fee, seconds):
    """A column agrees with the scalar rule, and unbilled rows are 0 whatever their fee."""
    assume(seconds <= seconds_before_overflow(rate, fee))
    expected = exact_charge(rate, fee, seconds) if seconds else 0
    column = exact_charge_column(*(np.array([value], np.int64) for value in (rate, fee, seconds)))
    assert [expected] == column.tolist()
