"""From exact fractions to cents: the roundings of tax law, each with its name.

Half up is away from zero, so that a credit mirrors its charge. SSUTA section 324 ("carry to the third decimal, up when
it is above four") equals half up on the exact value; nothing is rounded to three places first.
"""

from collections.abc import Sequence
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from fractions import Fraction

CENTS_PER_UNIT = 100

_EXACT = Context(prec=200, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])


def to_decimal(amount: Fraction) -> Decimal:
    """The exact decimal of an amount, without trailing zeros. decimal.Inexact when there is none, as for 1/3."""
    return _EXACT.divide(Decimal(amount.numerator), Decimal(amount.denominator))


def cents_to_decimal(cents: int) -> Decimal:
    """Whole cents as an amount with exactly two decimals."""
    digits = tuple(int(digit) for digit in str(abs(cents)))
    return Decimal((int(cents < 0), digits, -2))


def half_up_units(amount: Fraction, units_per_one: int) -> int:
    """The nearest whole number of units, halves away from zero: 0.065 in cents is 7, -0.065 is -7."""
    doubled = abs(amount) * units_per_one * 2 + 1
    return _with_sign(amount, int(doubled) // 2)


def down_units(amount: Fraction, units_per_one: int) -> int:
    """Whole units towards zero: 60.039 in cents is 6003, its credit -6003."""
    return _with_sign(amount, int(abs(amount) * units_per_one))


def half_up(amount: Fraction) -> Decimal:
    """Cents, halves away from zero (SSUTA 324)."""
    return cents_to_decimal(half_up_units(amount, CENTS_PER_UNIT))


def down(amount: Fraction) -> Decimal:
    """Cents, towards zero: for a charge that may not exceed its cap (47 CFR 54.712)."""
    return cents_to_decimal(down_units(amount, CENTS_PER_UNIT))


def hand_back(total: Decimal, parts: Sequence[Fraction]) -> list[Decimal]:
    """Split a rounded total over its exact parts by largest remainder, ties in the order given.

    Each part is floored to the cent; the cents that are missing go to the largest remainders. The parts of the result
    sum to `total` exactly, provided that it is the rounded sum of the parts. A negative total is the mirror of the
    positive one.
    """
    cents = int(total * CENTS_PER_UNIT)
    sign = -1 if cents < 0 else 1
    exact = [sign * part * CENTS_PER_UNIT for part in parts]
    floors = [part.numerator // part.denominator for part in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: floors[index] - exact[index])
    for index in by_remainder[: abs(cents) - sum(floors)]:
        floors[index] += 1
    return [cents_to_decimal(sign * floor) for floor in floors]


def apportion(total: Decimal, weights: Sequence[Fraction]) -> list[Decimal]:
    """Split cents in proportion to weights of one sign, by largest remainder; equally when all weights are zero."""
    whole = sum(weights, Fraction())
    shares = [weight / whole for weight in weights] if whole else [Fraction(1, len(weights)) for _ in weights]
    return hand_back(total, [share * Fraction(total) for share in shares])


def round_aggregate(parts: Sequence[Fraction]) -> list[Decimal]:
    """Round the sum of state and local taxes once, half up, and hand it back to its parts (SSUTA 324)."""
    return hand_back(half_up(sum(parts, Fraction())), parts)


def round_each(parts: Sequence[Fraction]) -> list[Decimal]:
    """Round every part half up."""
    return [half_up(part) for part in parts]


def _with_sign(amount: Fraction, units: int) -> int:
    return -units if amount < 0 else units
