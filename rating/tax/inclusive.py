"""Prices that already contain tax, and a tax on the seller that is part of its own base."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from rating.tax.rounding import CENTS_PER_UNIT, apportion, cents_to_decimal, half_up


class InclusivePrice(NamedTuple):
    """A gross price taken apart: base + tax + fixed is the gross exactly; `taxes` in the order of the rates."""

    base: Decimal
    tax: Decimal
    fixed: Decimal
    taxes: list[Decimal]


def take_apart(gross: Decimal, fixed_fees: Sequence[Decimal], rates: Sequence[Decimal]) -> InclusivePrice:
    """Fixed fees come off first; the base is half up to the cent; the tax is the rest, split by largest remainder."""
    fixed = sum((Fraction(fee) for fee in fixed_fees), Fraction())
    rest = Fraction(gross) - fixed
    exact_rates = [Fraction(rate) for rate in rates]
    base = half_up(rest / (1 + sum(exact_rates, Fraction())))
    tax = cents_to_decimal(int((rest - Fraction(base)) * CENTS_PER_UNIT))
    return InclusivePrice(base, tax, half_up(fixed), apportion(tax, exact_rates) if exact_rates else [])


def gross_up(base: Decimal, rate: Decimal) -> Decimal:
    """The surcharge that recovers a tax which is levied on the surcharge too: base x r / (1 - r), half up."""
    return half_up(Fraction(base) * Fraction(rate) / (1 - Fraction(rate)))
