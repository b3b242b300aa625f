"""What a provider brings: its seller profile, certificates, decisions; a quote; the commands."""

import json
import shutil
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli import app
from pipeline.tax.law_files import SHIPPED
from pipeline.tax.problems import TaxDataError
from pipeline.tax.provider import Provider, load_provider
from pipeline.tax.quote import Charge, quote_request, weak_numbers, written_address
from pipeline.tax.seller_files import load_certificates, load_seller
from rating.tax.allocation import AllocationMethod
from rating.tax.exemptions import ExemptionKind
from rating.tax.invoice import tax_invoice
from rating.tax.parameters import RateMissing
from rating.tax.request import ChargeLine, TaxRequest
from rating.tax.result import TaxResult, TaxStop
from rating.tax.terms import CallScope, ChargeClass
from schemas.reference import ServiceAddress
from tests.rating.tax.bills import a_parameter, a_value

EXAMPLE = SHIPPED / "example"
CHICAGO = "233 South Wacker Drive, Chicago, IL 60606"
DAY = date(2026, 5, 1)


@pytest.fixture(scope="module")
def example() -> Provider:
    """The provider of the example book."""
    return load_provider(EXAMPLE)


def an_address(address_id: str, country: str = "US", **changes: object) -> ServiceAddress:
    """A service address of the example book."""
    fields = {
        "address_id": address_id, "account_id": "acme-dental", "effective_from": datetime(2026, 1, 1, tzinfo=UTC),
        "street": "200 Example Avenue", "city": "Minneapolis", "region": "MN", "post_code": "55401",
        "country": country,
    }  # fmt: skip
    return ServiceAddress.model_validate(fields | changes)


def a_request(provider: Provider, address: ServiceAddress, bill_date: date = DAY) -> TaxRequest | TaxStop:
    """A bill of 250.00 for channels at one address."""
    line = ChargeLine("1", address.address_id, ChargeClass.CHANNEL_MRC, CallScope.BUNDLED, Decimal("250.00"))
    return provider.request(
        "bill", account_id="acme-dental", bill_date=bill_date, period=(date(2026, 4, 1), DAY), lines=[line],
        addresses=[address],
    )  # fmt: skip


def test_a_bill_of_the_example_book(example: Provider) -> None:
    """Minneapolis, decided by hand: 60.03 federal and 22.56 sales tax on 250.00 (examples 1 and 9)."""
    request = a_request(example, an_address("acme-minneapolis"))
    assert isinstance(request, TaxRequest)
    result = tax_invoice(request, example.law)
    assert isinstance(result, TaxResult)
    assert Decimal("82.59") == result.total


def test_an_address_abroad_has_no_tax(example: Provider) -> None:
    """Berlin is resolved to nothing, and nothing is due."""
    request = a_request(example, an_address("delta-berlin", country="DE", region=None, post_code="10115"))
    assert isinstance(request, TaxRequest)
    assert tax_invoice(request, example.law).document_id == "bill"
    assert Decimal("0.00") == tax_invoice(request, example.law).total  # type: ignore[union-attr]


def test_bills_pin_what_they_used(tmp_path: Path) -> None:
    """A decision that changes later does not change the resolution of a bill that went out."""
    folder = tmp_path / "tax"
    shutil.copytree(EXAMPLE, folder)
    provider = load_provider(folder)
    address = an_address("acme-minneapolis")
    assert 1 == provider.pin([address, an_address("delta-berlin", country="DE", region=None)], DAY)
    (folder / "resolutions.yaml").write_text("description: none\nresolutions: []\n")
    again = load_provider(folder)
    assert provider.primary_use(address, DAY).jurisdictions == again.primary_use(address, DAY).jurisdictions
    assert () == again.primary_use(address, date(2026, 7, 1)).jurisdictions


def test_what_no_bill_may_use_is_not_pinned(tmp_path: Path) -> None:
    """A county without districts, in a Streamlined state, stays open until somebody decides."""
    assert 0 == load_provider(tmp_path).pin([an_address("acme-minneapolis")], DAY)


def test_a_quote_pins_nothing(tmp_path: Path) -> None:
    """Looking is not billing."""
    provider = load_provider(tmp_path)
    quote_request(provider, written_address(CHICAGO), DAY, Charge(Decimal(100)))
    assert [] == list(tmp_path.iterdir())


def test_the_split_of_a_day(example: Provider) -> None:
    """The safe harbour unless the seller has its own shares; without either the bill stops."""
    harbour = a_parameter(a_value("0.649", "2019-01-01", "2030-01-01"))
    found = example.seller.allocation_on(DAY, harbour)
    assert not isinstance(found, RateMissing)
    assert (AllocationMethod.SAFE_HARBOR, Decimal("0.649"), Decimal(0)) == found[:3]
    assert isinstance(example.seller.allocation_on(date(2030, 1, 1), harbour), RateMissing)


def test_a_traffic_study_counts_on_its_days(tmp_path: Path) -> None:
    """Half-open, with its citation."""
    (tmp_path / "seller.yaml").write_text(
        "contributor: true\nlire: true\nnexus: [MN]\nindeterminate: INTRASTATE\nallocations:\n"
        "  - {method: TRAFFIC_STUDY, interstate: 0.4125, international: 0.0375, citation: study of 2026Q1,\n"
        "     effective_from: 2026-04-01, effective_until: 2026-07-01}\n"
    )
    seller = load_seller(tmp_path)
    harbour = a_parameter(a_value("0.649"))
    methods = [seller.allocation_on(day, harbour) for day in (DAY, date(2026, 7, 1))]
    assert [("TRAFFIC_STUDY", "study of 2026Q1"), ("SAFE_HARBOR", "the test")] == [
        (found.method, found.citation) for found in methods if not isinstance(found, RateMissing)
    ]
    assert {"INTRASTATE"} == {found.indeterminate for found in methods if not isinstance(found, RateMissing)}
    assert (True, True, {"MN"}) == (seller.seller.contributor, seller.seller.lire, set(seller.seller.nexus))


def test_a_bill_without_any_split_stops(example: Provider) -> None:
    """Before 2019 not even the safe harbour is on file."""
    assert isinstance(a_request(example, an_address("acme-minneapolis"), date(2018, 12, 31)), TaxStop)


def test_a_seller_without_a_file_is_registered_nowhere(tmp_path: Path) -> None:
    """It contributes, and collects no sales tax until it says where."""
    assert (True, frozenset()) == (load_seller(tmp_path).contributor, load_seller(None).nexus)


def test_certificates_by_account(tmp_path: Path) -> None:
    """Kind, area, levels, kinds of tax, days."""
    (tmp_path / "certificates.yaml").write_text(
        "description: certificates\ncertificates:\n"
        "  - {account: acme, kind: GOV_STATE, certificate: TX-1, jurisdiction: US-TX, levels: [STATE, CITY],\n"
        "     valid_from: 2020-01-01, valid_until: 2030-01-01}\n"
    )
    (found,) = load_certificates(tmp_path)["acme"]
    assert (ExemptionKind.GOV_STATE, "US-TX", None, "TX-1") == (
        found.kind, found.jurisdiction, found.tax_types, found.certificate,
    )  # fmt: skip
    assert {} == load_certificates(None)


def test_a_bad_certificate_is_refused(tmp_path: Path) -> None:
    """The line is named."""
    (tmp_path / "certificates.yaml").write_text("description: x\ncertificates:\n  - {account: acme, kind: FRIEND}\n")
    with pytest.raises(TaxDataError, match=r"certificates\.yaml:3: found 'FRIEND' for certificates\.0\.kind"):
        load_certificates(tmp_path)


def test_weak_numbers_are_listed(example: Provider) -> None:
    """Missing, unconfirmed and illustrative ones, each with its state."""
    found = {(row.number, row.state) for row in weak_numbers(example)}
    assert {
        ("us-tx/usf", "missing"), ("us-tx/sales", "unconfirmed"), ("us-mn/e911", "illustrative"),
    } <= found  # fmt: skip
    assert ("us-mn/e911", "missing") not in found


def run(*arguments: str) -> Result:
    """`trunkline tax ...`."""
    return CliRunner().invoke(app, ["tax", *arguments])


def rows_of(result: Result) -> list[dict[str, str]]:
    """JSON lines that a command printed."""
    assert 0 == result.exit_code, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_where_shows_the_evidence() -> None:
    """State, county and city of Chicago, and what says so."""
    rows = rows_of(run("where", CHICAGO, "--on", "2026-05-01", "--json"))
    assert ["US-IL", "US-IL-C031", "US-IL-P14000"] == [row["jurisdiction"] for row in rows]
    assert "of ZIP 60606 (HUD-USPS crosswalk); districts unknown · needs review" in rows[0]["evidence"]
    assert "Chicago" == rows[2]["name"]


def test_where_says_what_to_do_when_nothing_is_known() -> None:
    """Exit code 1: the answer is no."""
    result = run("where", "1 Main St, Nowhere, MN 00000", "--on", "2026-05-01")
    assert 1 == result.exit_code
    assert "Resolve it in tax/resolutions.yaml" in " ".join(result.stderr.split())


def test_a_quote_in_chicago() -> None:
    """Example 18: excise 7.00, maintenance 0.50, Chicago 7.00 on 100.00 intrastate; 911 for ten channels 50.00."""
    arguments = ["100.00", CHICAGO, "--on", "2026-05-01", "--class", "USAGE", "--scope", "INTRASTATE"]
    rows = rows_of(run("quote", *arguments, "--channels", "10", "--json"))
    assert {
        "US-IL.EXCISE": "7.00", "US-IL.IMF": "0.50", "US-IL.MUNICIPAL": "7.00", "US-IL.USF": "2.36",
        "US-IL.E911_CHICAGO": "50.00",
    } == {row["tax"]: row["amount"] for row in rows}  # fmt: skip


def test_every_step_of_a_quote_has_a_source() -> None:
    """Base and rate name their documents; the rounding is named."""
    rows = rows_of(run("quote", "100.00", CHICAGO, "--on", "2026-05-01", "--steps", "--json"))
    federal = {row["step"]: row for row in rows if row["tax"] == "US.FUSF US"}
    assert ["charge quote", "base", "rate", "exact tax", "tax"] == list(federal)
    assert ("64.9", "0.370", "24.013", "24.01") == tuple(
        federal[step]["value"] for step in ("base", "rate", "exact tax", "tax")
    )
    assert "47 CFR 54.706" in federal["base"]["source"]
    assert "DA 26-218" in federal["rate"]["source"]
    assert "rounded down" in federal["tax"]["source"]


def test_an_illustrative_number_says_so() -> None:
    """The steps of the example's 911 fee."""
    arguments = ["1", "77 Sample Street, Chicago, IL 60606", "--on", "2026-08-01", "--tax", str(EXAMPLE), "--steps"]
    rows = rows_of(run("quote", *arguments, "--json"))
    assert "illustrative: invented, not a number of the law" in next(
        row["source"] for row in rows if row["step"] == "rate" and row["tax"] == "US.FUSF US"
    )


def test_a_quote_that_misses_a_number_ends_with_one() -> None:
    """August 2026 has no factor: which one, which day, where to put it."""
    result = run("quote", "100.00", CHICAGO, "--on", "2026-08-01")
    assert 1 == result.exit_code
    message = " ".join(result.stderr.split())
    assert "RATE_MISSING: Federal Universal Service Fund of US on 2026-08-01" in message
    assert "parameters/us/fusf/contribution_factor.yaml of the tax folder" in message


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["quote", "ten", CHICAGO, "--on", "2026-05-01"], "'ten' is no amount"),
        (["quote", "10", CHICAGO, "--on", "May"], "'May' is no day"),
        (["where", "Chicago", "--on", "2026-05-01"], "is no US address"),
        (["where", CHICAGO, "--on", "2026-05-01", "--tax", "nowhere"], "nowhere is no folder"),
    ],
)
def test_wrong_usage_ends_with_two(arguments: list[str], expected: str) -> None:
    """The value found and a good one."""
    result = run(*arguments)
    assert 2 == result.exit_code
    assert expected in " ".join(result.stderr.split())


def test_bad_tax_data_is_shown(tmp_path: Path) -> None:
    """File, line, found, expected; no traceback."""
    (tmp_path / "seller.yaml").write_text("contributer: true\n")
    result = run("check", "--tax", str(tmp_path))
    assert 2 == result.exit_code
    assert "seller.yaml:1: found unknown key contributer" in " ".join(result.stderr.split())


def test_check_lists_what_to_confirm() -> None:
    """At least the Texas rate and its missing universal service number."""
    found = {(row["number"], row["state"]) for row in rows_of(run("check", "--tax", str(EXAMPLE), "--json"))}
    assert {("us-tx/usf", "missing"), ("us-tx/sales", "unconfirmed")} <= found
