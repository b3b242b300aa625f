"""The provider's own files: seller, shares of bundled charges, certificates; and what is refused."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.tax.problems import TaxDataError
from pipeline.tax.seller_files import SellerFile, load_certificates, load_seller
from rating.tax.allocation import Allocation, AllocationMethod
from rating.tax.exemptions import ExemptionKind
from rating.tax.fusf import Seller
from rating.tax.parameters import RateMissing
from rating.tax.terms import CallScope, Level, TaxType
from tests.rating.tax.bills import a_parameter, a_value

HARBOUR = a_parameter(a_value("0.649", "2006-10-01"), name="us/fusf/safe_harbor_interstate")
STUDIES = """
allocations:
  - {method: TRAFFIC_STUDY, interstate: 0.4125, international: 0.0375, citation: study of 2026Q1,
     effective_from: 2026-04-01, effective_until: 2026-07-01}
  - {method: ACTUAL, interstate: 0.5, international: 0, citation: books of 2026Q2,
     effective_from: 2026-07-01, effective_until: 2026-10-01}
"""


def the_seller(folder: Path, text: str) -> SellerFile:
    """The profile that a file gives."""
    (folder / "seller.yaml").write_text(text)
    return load_seller(folder)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("contributor: true", Seller()),
        ("contributor: false", Seller(contributor=False)),
        ("lire: true", Seller(lire=True)),
        ("de_minimis: true", Seller(de_minimis=True)),
        ("nexus: [MN, WI]", Seller(nexus=frozenset({"MN", "WI"}))),
        ("nexus: []", Seller()),
    ],
)
def test_what_the_rules_see_of_a_seller(tmp_path: Path, text: str, expected: Seller) -> None:
    """A contributor without exemptions that is registered nowhere, unless the file says otherwise."""
    assert expected == the_seller(tmp_path, text).seller


@pytest.mark.parametrize(
    ("day", "method", "shares", "citation"),
    [
        ("2026-03-31", "SAFE_HARBOR", ("0.649", "0"), "the test"),
        ("2026-04-01", "TRAFFIC_STUDY", ("0.4125", "0.0375"), "study of 2026Q1"),
        ("2026-06-30", "TRAFFIC_STUDY", ("0.4125", "0.0375"), "study of 2026Q1"),
        ("2026-07-01", "ACTUAL", ("0.5", "0"), "books of 2026Q2"),
        ("2026-09-30", "ACTUAL", ("0.5", "0"), "books of 2026Q2"),
        ("2026-10-01", "SAFE_HARBOR", ("0.649", "0"), "the test"),
    ],
)
def test_the_split_of_a_day(tmp_path: Path, day: str, method: str, shares: tuple[str, str], citation: str) -> None:
    """The seller's own shares over half-open days; the safe harbour of FCC 06-94 before and after."""
    found = the_seller(tmp_path, STUDIES).allocation_on(date.fromisoformat(day), HARBOUR)
    interstate, international = (Decimal(share) for share in shares)
    assert Allocation(AllocationMethod(method), interstate, international, citation) == found


def test_a_study_needs_no_safe_harbour(tmp_path: Path) -> None:
    """A number that is not needed is not missing; the day after the study it is."""
    seller = the_seller(tmp_path, STUDIES)
    assert isinstance(seller.allocation_on(date(2026, 5, 1), a_parameter()), Allocation)
    assert isinstance(seller.allocation_on(date(2026, 10, 1), a_parameter()), RateMissing)


@pytest.mark.parametrize("scope", ["INTERSTATE", "INTRASTATE"])
def test_what_calls_with_an_unknown_end_count_as(tmp_path: Path, scope: str) -> None:
    """A policy of the seller that every split carries, its own and the safe harbour."""
    seller = the_seller(tmp_path, f"indeterminate: {scope}\n{STUDIES}")
    for day in (date(2026, 5, 1), date(2026, 12, 1)):
        found = seller.allocation_on(day, HARBOUR)
        assert isinstance(found, Allocation)
        assert CallScope(scope) is found.indeterminate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("indeterminate: INTERNATIONAL", "seller.yaml:1: found 'INTERNATIONAL' for indeterminate"),
        ("contributer: true", "seller.yaml:1: found unknown key contributer"),
        (STUDIES.replace("ACTUAL", "GUESS"), "seller.yaml:5: found 'GUESS' for allocations.1.method"),
        (STUDIES.replace("0.4125", "41.25%"), "found '41.25%' for allocations.0.interstate, expected a decimal"),
        (STUDIES.replace(", citation: books of 2026Q2", ""), "found no allocations.1.citation"),
    ],
)
def test_a_profile_that_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    """Misspelt words, percent signs, shares without a source."""
    with pytest.raises(TaxDataError) as caught:
        the_seller(tmp_path, text)
    assert expected in str(caught.value)


RESALE = (
    "{account: acme, kind: RESALE_499, certificate: 499-2026, jurisdiction: US, levels: [FED], tax_types: [FUSF], "
    "valid_from: 2026-01-01, valid_until: 2027-01-01}"
)


def certificates(folder: Path, *rows: str) -> Path:
    """A folder with a file of certificates."""
    text = "description: the test\ncertificates:\n" + "".join(f"- {row}\n" for row in rows)
    (folder / "certificates.yaml").write_text(text)
    return folder


def test_certificates_stand_by_account_in_their_order(tmp_path: Path) -> None:
    """The first that applies is the reason, so the order of the file is kept."""
    second = RESALE.replace("RESALE_499", "GOV_FED").replace("499-2026", "GOV-1")
    other = RESALE.replace("account: acme", "account: globex")
    found = load_certificates(certificates(tmp_path, RESALE, other, second))
    assert {"acme": ["499-2026", "GOV-1"], "globex": ["499-2026"]} == {
        account: [row.certificate for row in rows] for account, rows in found.items()
    }


def test_what_a_certificate_says(tmp_path: Path) -> None:
    """Kind, area, levels, kinds of tax, half-open days."""
    (found,) = load_certificates(certificates(tmp_path, RESALE))["acme"]
    assert (ExemptionKind.RESALE_499, "US", {Level.FED}, {TaxType.FUSF}) == (
        found.kind, found.jurisdiction, set(found.levels), set(found.tax_types or ()),
    )  # fmt: skip
    assert (date(2026, 1, 1), date(2027, 1, 1)) == (found.valid_from, found.valid_until)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("kind: RESALE_499", "kind: FRIEND", "found 'FRIEND' for certificates.0.kind"),
        ("levels: [FED]", "levels: [PLANET]", "found 'PLANET' for certificates.0.levels.0"),
        ("tax_types: [FUSF]", "tax_types: [VAT]", "found 'VAT' for certificates.0.tax_types.0"),
        ("valid_until: 2027-01-01", "valid_until: never", "found 'never' for certificates.0.valid_until"),
        ("certificate: 499-2026, ", "", "found no certificates.0.certificate"),
        ("account: acme", "account: acme, document_sha256: abc", "found 'abc' for certificates.0.document_sha256"),
    ],
)
def test_a_certificate_that_is_refused(tmp_path: Path, old: str, new: str, expected: str) -> None:
    """Words outside the closed lists, a certificate without a number or an end, a hash that is none."""
    with pytest.raises(TaxDataError) as caught:
        load_certificates(certificates(tmp_path, RESALE.replace(old, new)))
    assert expected in str(caught.value)


def test_a_folder_without_files_frees_nobody(tmp_path: Path) -> None:
    """No file is no certificate and no registration."""
    assert {} == load_certificates(tmp_path)
    assert SellerFile() == load_seller(tmp_path)
