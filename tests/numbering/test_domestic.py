"""The domestic set of a plan: its classes less its prefixes."""

import pytest

from rating.numbering.domestic import is_domestic
from rating.numbering.kinds import Kind, Number, NumberClass
from schemas.reference import Package, Plan
from tests.rating.test_prefixes import NEW_YEAR

NEW_YORK = Kind(NumberClass.US_LOWER48_DC, "US", "NY")
IOWA = Kind(NumberClass.US_LOWER48_DC, "US", "IA")


def _plan(**parameters: tuple[str, ...]) -> Plan:
    return Plan(plan_id="p", package=Package.UNLIMITED, effective_from=NEW_YEAR, outbound_deck="d", **parameters)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (NEW_YORK, True),
        (Kind(NumberClass.US_AK, "US", "AK"), True),
        (Kind(NumberClass.US_HI, "US", "HI"), True),
        (Kind(NumberClass.US_TERRITORY, "PR"), False),
        (Kind(NumberClass.CANADA, "CA"), False),
        (Kind(NumberClass.CARIBBEAN, "JM"), False),
        (Kind(NumberClass.TOLL_FREE, "001"), False),
        (Kind(NumberClass.PREMIUM, "US", "NY"), False),
        (Kind(NumberClass.INTERNATIONAL, "GB"), False),
    ],
)
def test_the_default_set(kind: Kind, expected: bool) -> None:
    """50 states and DC (PRODUCT.md, Rating 9)."""
    assert expected == is_domestic(Number("+12125550100", kind), _plan())


def test_listed_prefixes_are_out() -> None:
    """A whole exchange, a whole area code; the exchange beside it stays in."""
    plan = _plan(excluded_prefixes=("1712432", "1641"))
    assert not is_domestic(Number("+17124320100", IOWA), plan)
    assert not is_domestic(Number("+16415550100", IOWA), plan)
    assert is_domestic(Number("+17124330100", IOWA), plan)


def test_a_plan_names_its_classes() -> None:
    """Without Alaska, with Canada."""
    plan = _plan(domestic_classes=("US_LOWER48_DC", "CANADA"))
    assert is_domestic(Number("+14165550100", Kind(NumberClass.CANADA, "CA")), plan)
    assert not is_domestic(Number("+19075550100", Kind(NumberClass.US_AK, "US", "AK")), plan)


def test_a_short_code_is_never_domestic() -> None:
    """It has no number, and other rules."""
    assert not is_domestic(Number(None, NEW_YORK), _plan())
