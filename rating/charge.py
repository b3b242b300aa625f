"""The charge of a call in whole nanos: connection fee + rate per minute x billed seconds / 60, rounded once.

With a fee and a rate in nanos the exact charge is `x / 60` nanos, `x = 60 x fee + billed seconds x rate`. For a plan
scale of d decimals, one unit of the result is `q = 10**(9 - d)` nanos, so the charge is `x / (60 q)` units, rounded by
the plan's rule from the exact value and never from rounded nanos (PRODUCT.md, Rating 4).
"""

from typing import Literal, TypeVar

import numpy as np

from rating.columns import Integers
from rating.money import NANOS_DECIMALS

IntOrColumn = TypeVar("IntOrColumn", int, Integers)
ChargeRounding = Literal["half_up", "up", "down"]

EXACT_MAX = 4_500_000_000_000_000_000
"""Largest `x`: twice as much and one rounding step still fit 64 bits. It is a charge of 75 million units."""

_SECONDS_PER_MINUTE = 60


def exact_charge(rate_nanos: int, fee_nanos: int, billed_seconds: int) -> int:
    """The exact charge in sixtieths of a nano. OverflowError beyond `EXACT_MAX`."""
    sixtieths = _SECONDS_PER_MINUTE * fee_nanos + billed_seconds * rate_nanos
    if sixtieths > EXACT_MAX:
        raise OverflowError(f"{billed_seconds} s at {rate_nanos} nanos a minute and a fee of {fee_nanos} nanos")
    return sixtieths


def rounding_unit(decimals: int) -> int:
    """Nanos of one unit at a scale of -6 to 9 decimals: 6 decimals are 1000 nanos."""
    return int(10 ** (NANOS_DECIMALS - decimals))


def round_charge(sixtieths: IntOrColumn, decimals: int, rounding: ChargeRounding) -> IntOrColumn:
    """Round an exact, non-negative charge (or a column of them) once and return nanos."""
    unit = rounding_unit(decimals)
    divisor = _SECONDS_PER_MINUTE * unit
    match rounding:
        case "half_up":
            return (2 * sixtieths + divisor) // (2 * divisor) * unit
        case "up":
            return (sixtieths + divisor - 1) // divisor * unit
        case "down":
            return sixtieths // divisor * unit


def charge_nanos(
    rate_nanos: int, fee_nanos: int, billed_seconds: int, decimals: int = 6, rounding: ChargeRounding = "half_up"
) -> int:
    """Charge of a call that is billed for `billed_seconds`; 0 for none, the fee included (PRODUCT.md, Rating 1)."""
    if billed_seconds == 0:
        return 0
    return round_charge(exact_charge(rate_nanos, fee_nanos, billed_seconds), decimals, rounding)


def seconds_before_overflow(rate_nanos: int, fee_nanos: int) -> int:
    """The most billed seconds that `exact_charge` accepts at this rate and fee; -1 when the fee alone is too much."""
    room = EXACT_MAX - _SECONDS_PER_MINUTE * fee_nanos
    if room < 0:
        return -1
    return min(room // rate_nanos, EXACT_MAX) if rate_nanos else EXACT_MAX


def exact_charge_column(rate_nanos: Integers, fee_nanos: Integers, billed_seconds: Integers) -> Integers:
    """`exact_charge` of a column whose seconds are within `seconds_before_overflow`; 0 where nothing is billed."""
    return np.where(billed_seconds > 0, _SECONDS_PER_MINUTE * fee_nanos + billed_seconds * rate_nanos, 0)
