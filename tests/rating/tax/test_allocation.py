"""The split of charges into intrastate, interstate and international, and traffic studies."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rating.tax.allocation import ALL_SCOPES, Allocation, AllocationMethod, Parts, split, sum_parts
from rating.tax.terms import CallScope
from rating.tax.traffic_study import IndeterminatePolicy, study_allocation, study_margin
from tests.rating.tax.bills import SAFE_HARBOR

MONEY = st.decimals(min_value=-1_000_000, max_value=1_000_000, places=9)
SHARE = st.decimals(min_value=0, max_value="0.5", places=8)


def test_safe_harbour_takes_64_9_percent() -> None:
    """250.00 of channels: 162.25 interstate, 87.75 intrastate (example 1)."""
    parts = split(Decimal("250.00"), CallScope.BUNDLED, SAFE_HARBOR)
    assert Parts(Fraction("87.75"), Fraction("162.25"), Fraction()) == parts


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (CallScope.INTRASTATE, Parts(intrastate=Fraction(40))),
        (CallScope.INTERSTATE, Parts(interstate=Fraction(40))),
        (CallScope.INDETERMINATE, Parts(interstate=Fraction(40))),
        (CallScope.INTERNATIONAL, Parts(international=Fraction(40))),
    ],
)
def test_a_call_counts_wholly_for_its_scope(scope: CallScope, expected: Parts) -> None:
    """Itemised calls are actual; a call with an unknown end counts as interstate."""
    assert expected == split(Decimal(40), scope, SAFE_HARBOR)


@given(MONEY, SHARE, SHARE)
def test_the_split_sums_to_the_charge(amount: Decimal, interstate: Decimal, international: Decimal) -> None:
    """No fraction of a cent is lost, whatever the shares."""
    allocation = Allocation(AllocationMethod.TRAFFIC_STUDY, interstate, international)
    assert Fraction(amount) == split(amount, CallScope.BUNDLED, allocation).within(ALL_SCOPES)


def test_parts_of_a_mixed_bill() -> None:
    """Example 4: calls of 40, 25 and 10 and channels of 100 give a federal base of 114.90 and 60.10 for the state."""
    amounts = [("40", CallScope.INTERSTATE), ("25", CallScope.INTRASTATE), ("10", CallScope.INTERNATIONAL)]
    calls = [split(Decimal(amount), scope, SAFE_HARBOR) for amount, scope in amounts]
    parts = sum_parts([*calls, split(Decimal(100), CallScope.BUNDLED, SAFE_HARBOR)])
    assert Fraction("114.9") == parts.within({CallScope.INTERSTATE, CallScope.INTERNATIONAL})
    assert Fraction("60.1") == parts.intrastate


MINUTES = {
    CallScope.INTRASTATE: Decimal(1000),
    CallScope.INTERSTATE: Decimal(1500),
    CallScope.INTERNATIONAL: Decimal(250),
    CallScope.INDETERMINATE: Decimal(250),
}


def test_a_study_may_count_unknown_ends_as_interstate() -> None:
    """1750 of 3000 minutes are 0.58333333, 250 are 0.08333333 (eight decimals, half up)."""
    shares = study_allocation(MINUTES, IndeterminatePolicy.INTERSTATE)
    assert (Decimal("0.58333333"), Decimal("0.08333333")) == (shares.interstate, shares.international)
    assert AllocationMethod.TRAFFIC_STUDY is shares.method
    assert "INTERSTATE" in shares.citation


def test_a_study_may_leave_unknown_ends_out() -> None:
    """1500 of 2750 minutes are 0.54545455 (0.545454545... half up), 250 are 0.09090909."""
    shares = study_allocation(MINUTES, IndeterminatePolicy.EXCLUDE)
    assert (Decimal("0.54545455"), Decimal("0.09090909")) == (shares.interstate, shares.international)


def test_a_study_of_nothing_says_nothing() -> None:
    """Without a classified minute there is no share."""
    with pytest.raises(ValueError, match="needs minutes with both ends known"):
        study_allocation({CallScope.INDETERMINATE: Decimal(5)}, IndeterminatePolicy.EXCLUDE)


def test_the_margin_of_a_study() -> None:
    """1.96 sqrt(0.5 x 0.5 / 9604) is 0.01 exactly, which one percent still allows; one call fewer does not."""
    exact = study_margin(Decimal("0.5"), 9604, Decimal("1.96"), Decimal("0.01"))
    assert (Decimal("0.01"), True) == exact
    assert not study_margin(Decimal("0.5"), 9603, Decimal("1.96"), Decimal("0.01")).is_acceptable


def test_the_margin_is_rounded_half_up() -> None:
    """1.96 sqrt(0.649 x 0.351 / 9000): 0.0098608..., six decimals 0.009861."""
    assert Decimal("0.009861") == study_margin(Decimal("0.649"), 9000, Decimal("1.96"), Decimal("0.01")).margin


@given(st.decimals(0, 1, places=6), st.integers(1, 10**7))
def test_the_margin_is_the_nearest_millionth(share: Decimal, calls: int) -> None:
    """Squared, the printed margin brackets the exact value by half a millionth."""
    margin = Fraction(study_margin(share, calls, Decimal("1.96"), Decimal("0.01")).margin)
    exact = Fraction("1.96") ** 2 * Fraction(share) * (1 - Fraction(share)) / calls
    half = Fraction(1, 2_000_000)
    assert max(margin - half, 0) ** 2 <= exact < (margin + half) ** 2
