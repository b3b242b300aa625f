"""The federal universal service charge of one bill."""

from decimal import Decimal
from fractions import Fraction

import pytest

from rating.tax.allocation import Parts
from rating.tax.fusf import FusfCharge, Seller, capped, fusf_charge
from rating.tax.parameters import RateMissing
from rating.tax.terms import CallScope
from tests.rating.tax.bills import a_parameter, a_value

FACTOR = a_value("0.370", "2026-04-01", "2026-07-01")
MISSING = a_parameter().on(FACTOR.effective_from)
MIXED = Parts(interstate=Fraction(40), international=Fraction(10))


def charge(parts: Parts, seller: Seller = Seller()) -> FusfCharge:  # noqa: B008 - an immutable value
    """The charge on exact amounts that are also the printed ones."""
    found = fusf_charge(parts, parts, seller, FACTOR)
    assert isinstance(found, FusfCharge)
    return found


@pytest.mark.parametrize(
    ("seller", "expected"),
    [
        (Seller(), "18.50"),
        (Seller(lire=True), "14.80"),
        (Seller(de_minimis=True), "0.00"),
        (Seller(contributor=False), "0.00"),
    ],
)
def test_the_seller_decides_the_base(seller: Seller, expected: str) -> None:
    """Example 5: interstate 40 and international 10 at 37 %; LIRE takes interstate alone, de minimis nothing."""
    found = charge(MIXED, seller)
    assert expected == str(found.tax)
    assert (expected != "0.00") is found.is_printed
    assert (seller.de_minimis or not seller.contributor) is (found.factor is None)


def test_the_charge_is_rounded_down_once_a_bill() -> None:
    """Example 2: three lines of 0.07; half up for each line gives 0.06, above the cap of 0.0504273."""
    found = charge(Parts(interstate=3 * Fraction("0.07") * Fraction("0.649")))
    assert Fraction("0.0504273") == found.tax_unrounded
    assert "0.05" == str(found.tax)


def test_a_line_of_nothing_is_not_printed() -> None:
    """Intrastate revenue bears no federal charge; the factor is known all the same."""
    found = charge(Parts(intrastate=Fraction("63.20")))
    assert (False, FACTOR) == (found.is_printed, found.factor)


def test_a_factor_that_is_needed_and_missing_stops() -> None:
    """A contributor with an interstate base in a quarter without a factor."""
    assert MISSING == fusf_charge(MIXED, MIXED, Seller(), MISSING)
    assert isinstance(MISSING, RateMissing)


@pytest.mark.parametrize(
    ("parts", "seller"),
    [(MIXED, Seller(de_minimis=True)), (Parts(intrastate=Fraction(5)), Seller()), (Parts(), Seller())],
)
def test_a_factor_that_is_not_needed_is_not_missing(parts: Parts, seller: Seller) -> None:
    """Without a base the factor does not matter, and neither does its absence."""
    found = fusf_charge(parts, parts, seller, MISSING)
    assert isinstance(found, FusfCharge)
    assert (None, Decimal("0.00")) == (found.factor, found.tax)


def test_the_cap_follows_what_was_billed() -> None:
    """Example 26: ledger 12.2549 x 0.6 x 0.37 = 2.7206 is 2.72; printed 7.35 x 0.37 = 2.7195 caps it at 2.71."""
    ledger = Parts(interstate=Fraction("12.2549") * Fraction("0.6"))
    billed = Parts(interstate=Fraction("7.35"))
    found = fusf_charge(ledger, billed, Seller(), FACTOR)
    assert isinstance(found, FusfCharge)
    assert "2.71" == str(found.tax)


def test_the_cap_mirrors_a_credit() -> None:
    """A credit gives back exactly what was charged."""
    assert -capped(Fraction("2.7206"), Fraction("2.7195")) == capped(Fraction("-2.7206"), Fraction("-2.7195"))


def test_the_factor_does_not_touch_intrastate_parts() -> None:
    """Adding intrastate revenue never changes the charge."""
    assert charge(MIXED) == charge(MIXED._replace(intrastate=Fraction(1000)))
    assert Fraction(50) == MIXED.within({CallScope.INTERSTATE, CallScope.INTERNATIONAL})
