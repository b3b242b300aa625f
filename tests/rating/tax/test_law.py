"""The law as a value: order of computation, groups that are rounded together, contradictions."""

from datetime import date

import pytest

from rating.tax.law import LawError, TaxLaw
from rating.tax.terms import Level
from tests.rating.tax.bills import (
    MINNEAPOLIS,
    MINNEAPOLIS_RATES,
    a_law,
    a_table,
    a_tax,
    areas,
    minnesota_sales,
    the_fusf,
)


def groups_of(law: TaxLaw) -> list[list[str]]:
    """The tax ids of each group."""
    return [[tax.tax_id for tax in group] for group in law.groups]


def test_an_included_tax_is_computed_first() -> None:
    """Sales tax on the federal charge: the charge comes first, however the rules are listed."""
    law = a_law(*minnesota_sales(includes=("US.FUSF",)), the_fusf())
    assert [["US.FUSF"], ["US-MN.SALES", "US-MN.LOCAL"]] == groups_of(law)
    assert {"US.FUSF"} == law.included


def test_taxes_of_an_aggregate_state_form_one_group() -> None:
    """State and local sales tax of Minnesota are rounded together, taxes of other states alone."""
    others = [a_tax("US-WI.SALES", {"US-WI": "0.05"}), a_tax("US-WI.FEE", {"US-WI": "0.01"})]
    assert [["US-MN.SALES", "US-MN.LOCAL"], ["US-WI.SALES"], ["US-WI.FEE"]] == groups_of(
        a_law(*minnesota_sales(), *others)
    )


def test_taxes_that_include_each_other_are_refused() -> None:
    """A circle has no order; the message shows it."""
    first = a_tax("US-WI.A", {}, includes=("US-WI.B",))
    second = a_tax("US-WI.B", {}, includes=("US-WI.A",))
    with pytest.raises(LawError, match=r"in a circle: .*US-WI\.A.*Cut one inclusion"):
        a_law(first, second)


def test_an_unknown_inclusion_is_refused() -> None:
    """A name that no tax has is shown with the known ones."""
    with pytest.raises(LawError, match=r"includes US\.NONE, which is not defined \(known: US-WI\.A\)"):
        a_law(a_tax("US-WI.A", {}, includes=("US.NONE",)))


def test_a_name_used_twice_is_refused() -> None:
    """Two definitions of one tax contradict each other."""
    with pytest.raises(LawError, match=r"US-WI\.A is defined twice"):
        a_law(a_tax("US-WI.A", {}), a_tax("US-WI.A", {}))


def test_a_tax_reaches_its_levels_within_its_area() -> None:
    """A county tax of Minnesota reaches counties of Minnesota, not the state, not Wisconsin."""
    tax = a_tax("US-MN.LOCAL", {}, levels=frozenset({Level.COUNTY}))
    assert list(areas("US-MN-C053")) == tax.targets(areas(*MINNEAPOLIS, "US-WI-C025"))


def test_a_place_may_be_excepted() -> None:
    """The fee of Illinois does not reach Chicago, which has its own."""
    fee = a_tax("US-IL.E911", {}, except_in=frozenset({"US-IL-P14000"}))
    assert [] == fee.targets(areas("US-IL", "US-IL-C031", "US-IL-P14000"))
    assert list(areas("US-IL")) == fee.targets(areas("US-IL", "US-IL-C031", "US-IL-P65000"))


def test_a_tax_of_one_level_is_the_citys_else_the_countys() -> None:
    """One rate for each municipality or unincorporated county, never both."""
    tax = a_tax("US-FL.LOCAL", {}, levels=frozenset({Level.COUNTY, Level.CITY}), is_one_level=True)
    city, county = areas("US-FL", "US-FL-C086", "US-FL-P45000"), areas("US-FL", "US-FL-C086")
    assert list(areas("US-FL-P45000")) == tax.targets(city)
    assert list(areas("US-FL-C086")) == tax.targets(county)
    assert [] == tax.targets(areas("US-FL"))


def test_a_tax_exists_over_half_open_days() -> None:
    """From its first day up to, not on, its last."""
    tax = a_tax("US-CA.I988", {}, effective_from=date(2023, 1, 1), effective_until=date(2024, 1, 1))
    days = [date(2022, 12, 31), date(2023, 1, 1), date(2023, 12, 31), date(2024, 1, 1)]
    assert [False, True, True, False] == [tax.exists_on(day) for day in days]


def test_taxes_are_listed_in_the_order_of_computation() -> None:
    """`taxes` flattens the groups."""
    law = a_law(a_tax("US-MN.X", a_table(MINNEAPOLIS_RATES), includes=("US.FUSF",)), the_fusf())
    assert ["US.FUSF", "US-MN.X"] == [tax.tax_id for tax in law.taxes]
