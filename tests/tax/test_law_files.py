"""Rules and the law of one provider: what is shipped, what an own folder adds, what is refused."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from pipeline.tax.law_files import SHIPPED, load_law
from pipeline.tax.problems import TaxDataError
from pipeline.tax.rule_files import load_rules
from rating.tax.fees import CountMethod
from rating.tax.jurisdictions import Jurisdiction
from rating.tax.law import LawError, Tax
from rating.tax.parameters import DatedValue, RateMissing
from rating.tax.terms import Level, Mark, Rounding
from tests.rating.tax.bills import areas

DAY = date(2026, 5, 1)
RULE = """
jurisdiction: US-XX
note: a test
taxes:
  - tax: US-XX.SALES
    label: Sales tax
    type: STATE_SALES
    levels: [STATE]
    rates: us-xx/sales
    citation: statute 1
"""


@pytest.fixture(scope="module")
def shipped() -> dict[str, Tax]:
    """Taxes of the shipped law by id."""
    return {tax.tax_id: tax for tax in load_law().law.taxes}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """An empty tax folder of a provider."""
    for name in ("parameters/us-xx", "rules", "sst"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def test_ten_states_and_the_federation_are_covered() -> None:
    """A state that is not listed stops its bills."""
    expected = {"US", *(f"US-{state}" for state in ("CA", "FL", "GA", "IL", "MN", "NY", "PA", "TX", "WA", "WI"))}
    assert expected == load_law().law.covered


def test_every_rule_has_a_citation(shipped: dict[str, Tax]) -> None:
    """And a label for the bill."""
    assert all(len(tax.citation) > 10 and tax.label for tax in shipped.values())


def test_the_federal_charge_is_capped_and_takes_no_intrastate_revenue(shipped: dict[str, Tax]) -> None:
    """47 CFR 54.706 and 54.712."""
    fusf = shipped["US.FUSF"]
    assert (Rounding.CAPPED, {"INTERSTATE", "INTERNATIONAL"}) == (fusf.rounding, set(fusf.scopes))


def test_streamlined_states_round_the_sum(shipped: dict[str, Tax]) -> None:
    """SSUTA 324: state and local sales taxes of MN, WI, GA and WA are one computation; others round each."""
    rounded = {tax.jurisdiction_id for tax in shipped.values() if tax.rounding is Rounding.AGGREGATE}
    assert {"US-GA", "US-MN", "US-WA", "US-WI"} == rounded


@pytest.mark.parametrize(
    ("tax_id", "area", "expected"),
    [
        ("US.FUSF", "US", "0.370"), ("US-MN.SALES", "US-MN", "0.06875"),
        ("US-MN.LOCAL_SALES", "US-MN-D80008", "0.0075"), ("US-CA.PPP", "US-CA", "1.11"),
        ("US-WI.LOCAL_SALES", "US-WI-P53000", "0.02"), ("US-GA.LOCAL_SALES", "US-GA-P04000", "0.019"),
        ("US-FL.E911", "US-FL", "0.40"), ("US-TX.E911_EQUALIZATION", "US-TX", "0.06"),
        ("US-IL.E911_CHICAGO", "US-IL-P14000", "5.00"), ("US-WA.E911_COUNTY", "US-WA", "0.70"),
    ],
)  # fmt: skip
def test_numbers_of_the_law_in_may_2026(shipped: dict[str, Tax], tax_id: str, area: str, expected: str) -> None:
    """As the cited documents give them."""
    found = shipped[tax_id].rates.rate_on(areas(area)[0], DAY)
    assert isinstance(found, DatedValue)
    assert expected == str(found.value)


@pytest.mark.parametrize(
    ("tax_id", "area", "where"),
    [
        ("US-TX.USF", "US-TX", "parameters/us-tx/usf.yaml"),
        ("US-PA.E911", "US-PA", "parameters/us-pa/e911.yaml"),
        ("US-CA.E911", "US-CA", "parameters/us-ca/e911.yaml"),
        ("US-FL.CST_LOCAL", "US-FL-C086", "parameters/us-fl/cst_local/US-FL-C086.yaml"),
        ("US-MN.LOCAL_SALES", "US-MN-C123", "parameters/us-mn/sales/US-MN-C123.yaml"),
    ],
)
def test_what_nobody_knows_is_missing_and_says_where_to_put_it(
    shipped: dict[str, Tax], tax_id: str, area: str, where: str
) -> None:
    """No default stands in for a number without a source."""
    found = shipped[tax_id].rates.rate_on(areas(area)[0], DAY)
    assert isinstance(found, RateMissing)
    assert where == found.where


def test_a_complete_folder_levies_nothing_elsewhere(shipped: dict[str, Tax]) -> None:
    """Pennsylvania has local sales tax in two counties only (unconfirmed, and marked so)."""
    local = shipped["US-PA.LOCAL_SALES"]
    assert local.rates.rate_on(areas("US-PA-C007")[0], DAY) is None
    assert Mark.UNCONFIRMED is local.mark


def test_chicago_has_a_fee_of_its_own(shipped: dict[str, Tax]) -> None:
    """5.00 in Chicago, 1.50 elsewhere in Illinois, never both."""
    chicago, elsewhere = areas("US-IL", "US-IL-C031", "US-IL-P14000"), areas("US-IL", "US-IL-C201", "US-IL-P65000")
    both = [shipped["US-IL.E911"], shipped["US-IL.E911_CHICAGO"]]
    assert [[], [Jurisdiction("US-IL-P14000", Level.CITY)]] == [tax.targets(chicago) for tax in both]
    assert [[Jurisdiction("US-IL", Level.STATE)], []] == [tax.targets(elsewhere) for tax in both]


def test_florida_has_one_local_rate(shipped: dict[str, Tax]) -> None:
    """That of the municipality, or that of the county where there is none."""
    local = shipped["US-FL.CST_LOCAL"]
    miami, beside = areas("US-FL", "US-FL-C086", "US-FL-P45000"), areas("US-FL", "US-FL-C086")
    assert [areas("US-FL-P45000")[0]] == local.targets(miami)
    assert [areas("US-FL-C086")[0]] == local.targets(beside)


def test_floridas_cap(shipped: dict[str, Tax]) -> None:
    """25 lines of one bill."""
    count = shipped["US-FL.E911"].line_count
    assert count is not None
    assert (CountMethod.CAP_PER_BILL, 25) == (count.method, count.cap)


def test_a_rate_file_of_a_state_replaces_its_shipped_numbers(own: Path) -> None:
    """Then a county without a row levies nothing, and the rates carry the line of the file."""
    (own / "sst" / "MNR2026Q2FEB18.csv").write_text("27,45,27,0.07,0.07,0,0,20090701,29991231")
    tax = next(tax for tax in load_law(own).law.taxes if tax.tax_id == "US-MN.LOCAL_SALES")
    state, county = areas("US-MN", "US-MN-C053")
    found = tax.rates.rate_on(state, DAY)
    assert isinstance(found, DatedValue)
    assert ("0.07", "MNR2026Q2FEB18.csv line 1") == (str(found.value), found.citation)
    assert tax.rates.rate_on(county, DAY) is None


def test_an_own_rule_file_adds_a_state(own: Path) -> None:
    """A rule and a rate, and the state is covered."""
    (own / "rules" / "us-xx.yaml").write_text(RULE)
    (own / "parameters/us-xx/sales.yaml").write_text(
        "description: rate\nunit: FRACTION\ncitation: statute 1\n"
        "values:\n  - {effective_from: 2026-01-01, value: 0.05}\n"
    )
    loaded = load_law(own)
    assert "US-XX" in loaded.law.covered
    tax = next(tax for tax in loaded.law.taxes if tax.tax_id == "US-XX.SALES")
    assert isinstance(tax.rates.rate_on(areas("US-XX")[0], DAY), DatedValue)


def test_the_version_is_a_hash_of_every_file(own: Path) -> None:
    """One more value, another version; the same files, the same version; other files of the folder do not matter."""
    before = load_law(own).law.version
    (own / "seller.yaml").write_text("contributor: true\n")
    assert before == load_law(own).law.version
    (own / "parameters/us-xx/fee.yaml").write_text("description: fee\nunit: USD_PER_LINE\ncitation: statute\n")
    assert before != load_law(own).law.version


def test_sources_do_not_name_the_machine(own: Path) -> None:
    """Paths are relative, so that two machines have the same version."""
    assert not [source.path for source in load_law(own).sources if str(own) in source.path]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RULE.replace("type: STATE_SALES", "type: SALES"), "rules/us-xx.yaml:7: found 'SALES' for taxes.0.type"),
        (RULE + "    rate: 0.05\n", "rules/us-xx.yaml:11: found unknown key taxes.0.rate, expected one of tax, label"),
        (RULE.replace("US-XX\n", "US-YY\n"), "us-xx.yaml:1: found jurisdiction US-YY, expected US-XX, as the"),
        (RULE.replace("    citation: statute 1\n", ""), "found no taxes.0.citation, expected the key taxes.0.citation"),
        (RULE.replace("US-XX.SALES", "sales"), "for taxes.0.tax, expected String should match pattern"),
    ],
)  # fmt: skip
def test_a_bad_rule_file_is_refused(own: Path, text: str, expected: str) -> None:
    """File and line, what was found, what was expected."""
    (own / "rules" / "us-xx.yaml").write_text(text)
    with pytest.raises(TaxDataError) as caught:
        load_rules(own / "rules")
    assert expected in str(caught.value)


def test_rules_that_contradict_each_other_are_refused(own: Path) -> None:
    """An inclusion of a tax that does not exist."""
    (own / "rules" / "us-xx.yaml").write_text(RULE + "    includes: [US.NONE]\n")
    with pytest.raises(LawError, match=r"US-XX\.SALES includes US\.NONE, which is not defined"):
        load_law(own)


def test_no_parameter_is_left_without_a_rule() -> None:
    """Every shipped parameter is used: by a rule, or by name in the code (safe harbour and study)."""
    loaded = load_law()
    rates = {name for rule in load_rules(SHIPPED / "rules").values() for name in (tax.rates for tax in rule.taxes)}
    unused = Counter(name for name in loaded.parameters if name not in rates and name.rpartition("/")[0] not in rates)
    assert {
        "us/fusf/safe_harbor_interstate", "us/fusf/study_margin_limit", "us/fusf/study_deviations",
    } == set(unused)  # fmt: skip
