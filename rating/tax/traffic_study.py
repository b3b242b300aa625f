"""Shares of interstate and international traffic measured from the ledger, and whether the sample may be used.

FCC 06-94, paragraph 52, and the instructions of form 499-Q: a traffic study needs a margin of error of at most one
percent at 95 percent confidence. Limit and z are parameters.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import isqrt
from typing import NamedTuple

from rating.tax.allocation import Allocation, AllocationMethod
from rating.tax.rounding import half_up_units, to_decimal
from rating.tax.terms import CallScope

SHARE_UNITS = 10**8
MARGIN_UNITS = 10**6


class IndeterminatePolicy(StrEnum):
    """What becomes of minutes of calls with an unknown end."""

    INTERSTATE = "INTERSTATE"
    EXCLUDE = "EXCLUDE"


class StudyMargin(NamedTuple):
    """Margin of error of a share, six decimals half up; `is_acceptable` compares the exact value with the limit."""

    margin: Decimal
    is_acceptable: bool


def study_allocation(minutes: Mapping[CallScope, Decimal], policy: IndeterminatePolicy) -> Allocation:
    """Shares with eight decimals, half up; the intrastate share is the complement.

    ValueError when no minute can be classified: a study of nothing says nothing.
    """
    known = {scope: Fraction(minutes.get(scope, Decimal(0))) for scope in CallScope}
    interstate = known[CallScope.INTERSTATE]
    if policy is IndeterminatePolicy.INTERSTATE:
        interstate += known[CallScope.INDETERMINATE]
    total = known[CallScope.INTRASTATE] + interstate + known[CallScope.INTERNATIONAL]
    if not total:
        raise ValueError(f"A traffic study needs minutes with both ends known; found none in {dict(minutes)}")
    return Allocation(
        AllocationMethod.TRAFFIC_STUDY,
        _share(interstate / total),
        _share(known[CallScope.INTERNATIONAL] / total),
        f"traffic study, indeterminate minutes {policy}",
    )


def study_margin(share: Decimal, sample_calls: int, z: Decimal, limit: Decimal) -> StudyMargin:
    """The margin z sqrt(p(1-p)/n) for a share p of n sampled calls, computed in whole numbers."""
    proportion = Fraction(share)
    squared = Fraction(z) ** 2 * proportion * (1 - proportion) / sample_calls
    doubled = isqrt(int(squared * 4 * MARGIN_UNITS**2))
    margin = Fraction((doubled + 1) // 2, MARGIN_UNITS)
    return StudyMargin(to_decimal(margin), squared <= Fraction(limit) ** 2)


def _share(share: Fraction) -> Decimal:
    return to_decimal(Fraction(half_up_units(share, SHARE_UNITS), SHARE_UNITS))
