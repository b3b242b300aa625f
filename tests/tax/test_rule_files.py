"""Rule files: how a written tax becomes a tax of the rules, where its numbers come from, and what is refused."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from pipeline.tax.problems import TaxDataError
from pipeline.tax.rule_files import RuleFile, load_rules, taxes_of
from pipeline.tax.yaml_file import read_record
from rating.tax.allocation import ALL_SCOPES
from rating.tax.fees import CountMethod, count_lines
from rating.tax.law import SERVICE_CHARGES, Tax
from rating.tax.parameters import DatedValue, Parameter, RateMissing
from rating.tax.terms import CallScope, ChargeClass, DateBasis, Level, Mark, Rounding, TaxType
from tests.rating.tax.bills import a_parameter, a_table, a_trunk, a_value, areas

DAY = date(2026, 5, 1)
STATE, COUNTY, CITY = areas("US-MN", "US-MN-C053", "US-MN-P43000")

SALES = """
jurisdiction: US-MN
note: the test
taxes:
  - tax: US-MN.SALES
    label: Sales tax
    type: STATE_SALES
    levels: [STATE]
    rates: us-mn/sales
    citation: statute 1
"""


def the_tax(text: str, *parameters: Parameter, streamlined: str | None = None) -> Tax:
    """The only tax of a rule file, with these parameters and perhaps a rate file of Minnesota."""
    tables = {} if streamlined is None else {"US-MN": a_table({"US-MN": streamlined}, is_complete=True)}
    named = {parameter.name: parameter for parameter in parameters}
    (tax,) = taxes_of(read_record(text, "rules/us-mn.yaml", RuleFile), named, tables)
    return tax


def value_of(tax: Tax, place: str = "US-MN") -> str | None:
    """The number of a place on the day of the test; None where nothing is levied."""
    found = tax.rates.rate_on(areas(place)[0], DAY)
    assert not isinstance(found, RateMissing), found.message
    return None if found is None else str(found.value)


def a_number(name: str, value: str) -> Parameter:
    """A number that is in force on every day."""
    return a_parameter(a_value(value), name=name)


def test_what_a_tax_that_says_little_is() -> None:
    """All revenue, all charges for service, half up for each jurisdiction, rates of the bill date, for ever."""
    tax = the_tax(SALES, a_number("us-mn/sales", "0.06875"))
    assert ("US-MN.SALES", "Sales tax", "US-MN", {Level.STATE}, TaxType.STATE_SALES) == (
        tax.tax_id, tax.label, tax.jurisdiction_id, set(tax.levels), tax.tax_type,
    )  # fmt: skip
    assert (ALL_SCOPES, SERVICE_CHARGES, (), None) == (tax.scopes, tax.charge_classes, tax.includes, tax.line_count)
    assert (Rounding.PER_JURISDICTION, DateBasis.BILL_DATE, Mark.SOURCED) == (tax.rounding, tax.date_basis, tax.mark)
    assert tax.exists_on(date.min)
    assert tax.exists_on(date.max)


def test_setup_and_equipment_are_no_service() -> None:
    """A tax reaches them only where its rule says so."""
    assert set() == SERVICE_CHARGES & {ChargeClass.SETUP, ChargeClass.EQUIPMENT}
    assert {ChargeClass.CHANNEL_MRC, ChargeClass.USAGE, ChargeClass.OVERAGE, ChargeClass.DID_MRC} <= SERVICE_CHARGES


def test_what_a_tax_that_says_everything_is() -> None:
    """Each key of the file is a field of the tax."""
    text = SALES + (
        "    mark: M\n    scopes: [INTRASTATE]\n    charge_classes: [LOCAL_ONLY, SETUP]\n    includes: [US.FUSF]\n"
        "    rounding: AGGREGATE\n    date_basis: SERVICE_DATE\n    except_in: [US-MN-P43000]\n"
        "    effective_from: 2026-01-01\n    effective_until: 2027-01-01\n    one_level: true\n"
    )
    tax = the_tax(text, a_number("us-mn/sales", "0.06875"))
    assert tax.is_one_level
    assert (Mark.UNCONFIRMED, {CallScope.INTRASTATE}, {ChargeClass.LOCAL_ONLY, ChargeClass.SETUP}) == (
        tax.mark, set(tax.scopes), set(tax.charge_classes),
    )  # fmt: skip
    assert (("US.FUSF",), Rounding.AGGREGATE, DateBasis.SERVICE_DATE) == (tax.includes, tax.rounding, tax.date_basis)
    assert [STATE] == tax.targets([STATE, COUNTY])
    assert [] == tax.targets([STATE, COUNTY, CITY])


@pytest.mark.parametrize(
    ("day", "exists"),
    [("2025-12-31", False), ("2026-01-01", True), ("2026-12-31", True), ("2027-01-01", False)],
)
def test_a_tax_exists_over_half_open_days(day: str, *, exists: bool) -> None:
    """From its first day up to, not on, its last."""
    text = SALES + "    effective_from: 2026-01-01\n    effective_until: 2027-01-01\n"
    assert exists is the_tax(text).exists_on(date.fromisoformat(day))


def test_one_number_is_that_of_the_jurisdiction() -> None:
    """`us-mn/sales` is a file: the rate of Minnesota itself, not of places in it."""
    tax = the_tax(SALES, a_number("us-mn/sales", "0.06875"))
    assert "0.06875" == value_of(tax)
    missing = tax.rates.rate_on(COUNTY, DAY)
    assert isinstance(missing, RateMissing)
    assert ("Sales tax of US-MN-C053", "parameters/us-mn/sales.yaml") == (missing.what, missing.where)


def test_one_number_may_be_that_of_one_place() -> None:
    """A tax of one city, in the file of its state."""
    tax = the_tax(SALES + "    jurisdiction: US-MN-P43000\n", a_number("us-mn/sales", "0.07"))
    assert ("US-MN-P43000", "0.07") == (tax.jurisdiction_id, value_of(tax, "US-MN-P43000"))


@pytest.mark.parametrize(
    ("place", "expected"), [("US-MN-C053", "0.0015"), ("US-MN-P43000", "0.005"), ("US-MN-P58000", None)]
)
def test_a_folder_holds_one_number_for_each_place(place: str, expected: str | None) -> None:
    """A complete folder levies nothing elsewhere."""
    numbers = a_number("us-mn/sales/US-MN-C053", "0.0015"), a_number("us-mn/sales/US-MN-P43000", "0.005")
    assert expected == value_of(the_tax(SALES + "    complete: true\n", *numbers), place)


def test_a_place_without_a_number_in_any_other_folder_is_missing() -> None:
    """The message names the file that would hold it."""
    tax = the_tax(SALES, a_number("us-mn/sales/US-MN-C053", "0.0015"))
    missing = tax.rates.rate_on(CITY, DAY)
    assert isinstance(missing, RateMissing)
    assert "parameters/us-mn/sales/US-MN-P43000.yaml" == missing.where


@pytest.mark.parametrize(
    ("more", "streamlined", "expected"),
    [
        ("    streamlined: true\n", "0.0777", "0.0777"),
        ("    streamlined: true\n", None, "0.06875"),
        ("", "0.0777", "0.06875"),
    ],
)
def test_a_rate_file_of_the_state_comes_before_numbers_of_ours(
    more: str, streamlined: str | None, expected: str
) -> None:
    """Only for a tax that the rate file covers, and only where one is loaded."""
    assert expected == value_of(the_tax(SALES + more, a_number("us-mn/sales", "0.06875"), streamlined=streamlined))


@pytest.mark.parametrize(
    ("count", "channels", "billed", "weight"),
    [
        ("{method: PER_CHANNEL_OUT}", 40, 40, "40"),
        ("{method: CAP_PER_BILL, cap: 25}", 40, 25, "25"),
        ("{method: CAP_PER_BILL, cap: 25}", 10, 10, "10"),
        ("{method: PER_PRI, per_pri: 23}", 0, 46, "46"),
        # Pennsylvania: 25 x 1 + 5 x 0.75; 25 + 75 x 0.75 + 1 x 0.5.
        ("{method: TIERED, tiers: [{up_to: 25, multiplier: 1}, {up_to: 100, multiplier: 0.75}, {multiplier: 0.5}]}",
         30, 30, "28.75"),
        ("{method: TIERED, tiers: [{up_to: 25, multiplier: 1}, {up_to: 100, multiplier: 0.75}, {multiplier: 0.5}]}",
         101, 101, "81.75"),
    ],
)  # fmt: skip
def test_how_a_fee_counts_lines(count: str, channels: int, billed: int, weight: str) -> None:
    """Method, cap, lines of a primary rate link, and the sliding scale."""
    rule = the_tax(SALES + f"    line_count: {count}\n").line_count
    assert rule is not None
    found = count_lines(rule, [a_trunk(channels, pri_links=2)], date(2026, 5, 1), date(2026, 6, 1))
    assert (billed, Fraction(weight)) == (found.billed, found.weight)
    assert rule.method in CountMethod


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("type: STATE_SALES", "type: SALES", "found 'SALES' for taxes.0.type"),
        ("levels: [STATE]", "levels: [PARISH]", "found 'PARISH' for taxes.0.levels.0"),
        ("tax: US-MN.SALES", "tax: MN-SALES", "found 'MN-SALES' for taxes.0.tax"),
        ("tax: US-MN.SALES", "tax: US-MN.sales", "found 'US-MN.sales' for taxes.0.tax"),
        ("jurisdiction: US-MN", "jurisdiction: Minnesota", "found 'Minnesota' for jurisdiction"),
        ("    citation: statute 1\n", "", "found no taxes.0.citation"),
        ("    citation: statute 1\n", "    citation: s\n    mark: X\n", "found 'X' for taxes.0.mark"),
        ("    citation: statute 1\n", "    citation: s\n    rounding: UP\n", "found 'UP' for taxes.0.rounding"),
        ("    citation: statute 1\n", "    citation: s\n    scopes: [LOCAL]\n", "found 'LOCAL' for taxes.0.scopes.0"),
        ("note: the test\n", "", "found no note"),
    ],
)
def test_a_rule_that_is_refused(tmp_path: Path, old: str, new: str, found: str) -> None:
    """A word outside the closed lists, a name of another form, a rule without a source or an explanation."""
    (tmp_path / "us-mn.yaml").write_text(SALES.replace(old, new))
    with pytest.raises(TaxDataError) as caught:
        load_rules(tmp_path)
    assert found in str(caught.value)
    assert str(caught.value).startswith("rules/us-mn.yaml:")


def test_a_file_is_called_after_its_jurisdiction(tmp_path: Path) -> None:
    """Minnesota in the file of Wisconsin would silently leave Wisconsin without rules."""
    (tmp_path / "us-wi.yaml").write_text(SALES)
    with pytest.raises(TaxDataError, match=r"rules/us-wi\.yaml:1: found jurisdiction US-MN, expected US-WI, as the"):
        load_rules(tmp_path)


def test_all_files_are_read_before_the_load_fails(tmp_path: Path) -> None:
    """Two bad files are two problems; the good one does not hide them."""
    (tmp_path / "us-ia.yaml").write_text("jurisdiction: US-IA\n")
    (tmp_path / "us-mn.yaml").write_text(SALES)
    (tmp_path / "us-wi.yaml").write_text("jurisdiction: US-WI\n")
    with pytest.raises(TaxDataError) as caught:
        load_rules(tmp_path)
    assert ["rules/us-ia.yaml", "rules/us-wi.yaml"] == [problem.file for problem in caught.value.problems]


def test_a_jurisdiction_without_taxes_is_known(tmp_path: Path) -> None:
    """A file that says why there is none is not the same as no file."""
    (tmp_path / "us-or.yaml").write_text("jurisdiction: US-OR\nnote: no sales tax\n")
    rules = load_rules(tmp_path)
    assert {"US-OR": ()} == {name: rule.taxes for name, rule in rules.items()}
    assert {} == load_rules(tmp_path / "nowhere")


def test_numbers_are_exact() -> None:
    """A rate of ten decimals stays one of ten decimals."""
    tax = the_tax(SALES, a_number("us-mn/sales", "0.0123456789"))
    found = tax.rates.rate_on(STATE, DAY)
    assert isinstance(found, DatedValue)
    assert Decimal("0.0123456789") == found.value
