"""Rounding: from exact fractions to cents."""

from decimal import Decimal, Inexact
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rating.tax.rounding import (
    apportion,
    cents_to_decimal,
    down,
    half_up,
    hand_back,
    round_aggregate,
    round_each,
    to_decimal,
)

AMOUNTS = st.fractions(min_value=-10_000, max_value=10_000, max_denominator=10**6)


def fractions(*texts: str) -> list[Fraction]:
    """Exact amounts as written."""
    return [Fraction(text) for text in texts]


def texts(amounts: list[Decimal]) -> list[str]:
    """Amounts as printed."""
    return [str(amount) for amount in amounts]


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("0.065", "0.07"), ("0.0649999", "0.06"), ("-0.065", "-0.07"), ("0", "0.00"), ("-0.004", "0.00"), ("7", "7.00")],
)
def test_half_up_is_away_from_zero(amount: str, expected: str) -> None:
    """SSUTA 324: up when the third decimal is above four, from the exact value; a credit mirrors its charge."""
    assert expected == str(half_up(Fraction(amount)))


def test_third_decimal_four_stays_down_whatever_follows() -> None:
    """0.0769 at 6.5 % is 0.0049985: the third decimal is four, so no cent. Rounding to three first would give one."""
    assert "0.00" == str(half_up(Fraction("0.0769") * Fraction("0.065")))


@pytest.mark.parametrize(("amount", "expected"), [("60.0399", "60.03"), ("-60.0399", "-60.03"), ("0.009", "0.00")])
def test_down_is_towards_zero(amount: str, expected: str) -> None:
    """A charge under a cap loses its fraction of a cent; its credit gives back exactly what was charged."""
    assert expected == str(down(Fraction(amount)))


def test_minneapolis_is_handed_back_by_largest_remainder() -> None:
    """250.00 in Minneapolis: 22.5625 is 22.56; floors give 22.53, three cents go to the remainders .75, .5 and .5."""
    parts = fractions("17.1875", "0.375", "1.25", "1.25", "1.875", "0.625")
    assert ["17.19", "0.38", "1.25", "1.25", "1.87", "0.62"] == texts(round_aggregate(parts))


def test_ties_go_to_the_first() -> None:
    """Two taxes of half a cent make one cent, which the first in the order of levels gets."""
    assert ["0.01", "0.00"] == texts(round_aggregate(fractions("0.005", "0.005")))


def test_each_is_rounded_alone_elsewhere() -> None:
    """Outside aggregate states both halves of a cent go up."""
    assert ["0.01", "0.01"] == texts(round_each(fractions("0.005", "0.005")))


def test_apportion_follows_the_weights() -> None:
    """18.30 over 5, 0.9 and 2 percent: 11.582, 2.085 and 4.633; floors leave one cent for the remainder .5."""
    assert ["11.58", "2.09", "4.63"] == texts(apportion(Decimal("18.30"), fractions("0.05", "0.009", "0.02")))


def test_apportion_without_weights_is_equal() -> None:
    """Three cents over two zero weights: two and one."""
    assert ["0.02", "0.01"] == texts(apportion(Decimal("0.03"), fractions("0", "0")))


@given(st.lists(AMOUNTS, min_size=1, max_size=8))
def test_parts_sum_to_the_rounded_total(parts: list[Fraction]) -> None:
    """Whatever the parts, of either sign, no cent is lost or made, and each part moves by less than a cent."""
    handed = round_aggregate(parts)
    assert half_up(sum(parts, Fraction())) == sum(handed)
    assert all(abs(Fraction(cents) - part) <= Fraction(1, 100) for cents, part in zip(handed, parts, strict=True))


@given(st.lists(AMOUNTS, min_size=1, max_size=8))
def test_a_credit_is_the_mirror_of_its_charge(parts: list[Fraction]) -> None:
    """credit(x) = -x, for the sum and for each part."""
    assert [-cents for cents in round_aggregate(parts)] == round_aggregate([-part for part in parts])


@given(AMOUNTS)
def test_down_never_exceeds(amount: Fraction) -> None:
    """The rounded charge stays within its cap, by less than a cent."""
    assert 0 <= abs(amount) - abs(Fraction(down(amount))) < Fraction(1, 100)


def test_to_decimal_is_exact_or_nothing() -> None:
    """60.0325 is itself, without trailing zeros; a third has no decimal."""
    assert "60.0325" == str(to_decimal(Fraction("60.03250")))
    assert "250" == str(to_decimal(Fraction("250.00")))
    with pytest.raises(Inexact):
        to_decimal(Fraction(1, 3))


def test_cents_have_two_decimals() -> None:
    """Amounts print with two decimals, zero and negative ones too."""
    assert ["0.00", "-0.05", "12.30"] == texts([cents_to_decimal(cents) for cents in (0, -5, 1230)])


def test_hand_back_of_nothing_is_nothing() -> None:
    """No parts, no cents."""
    assert [] == hand_back(Decimal("0.00"), [])
