"""Documents as customers see them: PDF, UBL, FOCUS, the JSON schema, lists of calls."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pypdf import PdfReader

from pipeline.billing.document import Customer, InvoiceDocument, document_hash, read_document, schema_text
from pipeline.billing.documents import pdf, words
from pipeline.billing.documents.calls import HEADING, call_csv, call_parquet, digest_of, printed_calls
from pipeline.billing.documents.focus import COLUMNS, focus_csv
from pipeline.billing.documents.pdf import render_pdf, unprintable
from pipeline.billing.documents.ubl import ubl_xml
from pipeline.billing.documents.view import view_of
from pipeline.billing.schema import DocumentType, LineKind
from pipeline.billing.settings import InvoiceSettings
from tests.billing.documents import a_charge, a_document, a_fee, a_tax, a_trunk

ROOT = Path(__file__).resolve().parents[2]
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
A4_POINTS = (595, 842)
LETTER_POINTS = (612, 792)


def text_of(document: InvoiceDocument, **settings: object) -> str:
    """The words of all pages."""
    pdf = PdfReader(io.BytesIO(render_pdf(document, InvoiceSettings(**settings))))
    return " ".join(" ".join(page.extract_text().split()) for page in pdf.pages)


def test_the_page_shows_what_a_customer_looks_for() -> None:
    """Parties, number, dates, period, totals, trunk, fee, destination, tax, page numbers."""
    text = text_of(a_document(a_fee(1), a_charge(2), a_tax(3)))
    for words_on_page in (
        "INVOICE", "Example Trunk Provider", "Acme", "2 Main Street", "TL-000001", "1 November 2026",
        "1 \N{EN DASH} 31 October 2026", "1 December 2026", "21.12", "Front desk", "31 of 31", "United Kingdom",
        "International", "0.012", "10.00", "Wisconsin sales tax", "5 %", "1.00", "Page 1 of 1",
    ):  # fmt: skip
        assert words_on_page in text, words_on_page


def test_the_same_document_gives_the_same_bytes() -> None:
    """No clock is read."""
    document = a_document(a_fee(1), a_tax(2))
    assert render_pdf(document, InvoiceSettings()) == render_pdf(document, InvoiceSettings())


def test_a_page_does_not_depend_on_the_documents_that_were_set_before_it() -> None:
    """The typesetter remembers words: the same bytes come from a fresh one, and title and footer are the document's."""
    document = a_document(a_fee(1), a_tax(2), number="TL-000007")
    pdf._compiler.cache_clear()
    fresh = render_pdf(document, InvoiceSettings())
    render_pdf(a_document(a_charge(1), a_tax(2), number="TL-000008"), InvoiceSettings())
    assert fresh == render_pdf(document, InvoiceSettings())
    pages = PdfReader(io.BytesIO(fresh))
    assert ("Invoice TL-000007", "Example Trunk Provider") == (pages.metadata.title, pages.metadata.author)  # type: ignore[union-attr]
    assert "Invoice TL-000007 \N{MIDDLE DOT} 1 November 2026" in pages.pages[0].extract_text()


@pytest.mark.parametrize(("paper", "points"), [("a4", A4_POINTS), ("us-letter", LETTER_POINTS)])
def test_paper_is_a_setting(paper: str, points: tuple[int, int]) -> None:
    """A4 elsewhere, letter in the United States."""
    pdf = PdfReader(io.BytesIO(render_pdf(a_document(a_fee(1)), InvoiceSettings(paper=paper))))  # type: ignore[arg-type]
    box = pdf.pages[0].mediabox
    assert points == (round(box.width), round(box.height))


def test_many_lines_run_over_several_pages() -> None:
    """The heading of the table is on each page, and the pages are counted."""
    lines = [a_charge(number, destination=f"Destination {number:03}") for number in range(1, 121)]
    pdf = PdfReader(io.BytesIO(render_pdf(a_document(*lines), InvoiceSettings())))
    assert len(pdf.pages) >= 3
    assert f"Page 2 of {len(pdf.pages)}" in pdf.pages[1].extract_text()
    assert "Rate a minute" in pdf.pages[1].extract_text()
    assert "Destination 120" in pdf.pages[-1].extract_text() + pdf.pages[-2].extract_text()


def test_names_of_any_length_and_script_are_shown() -> None:
    """A long German name, Greek and Cyrillic, and what markup would make of special characters."""
    name = "Überseehandelsgesellschaft für Fernmeldewesen und angewandte Vermittlungstechnik mbH & Co. KG *#$_[x]"
    customer = a_document().customer.model_copy(
        update={"name": name, "address_lines": ("Ελληνική Τηλεφωνία", "Москва, Тверская улица 1", "#panic()")}
    )
    text = text_of(a_document(a_fee(1), customer=customer))
    for part in ("Überseehandelsgesellschaft", "*#$_[x]", "Ελληνική", "Москва", "#panic()"):
        assert part in text


def test_zero_and_negative_totals_are_shown_as_such() -> None:
    """Nothing to pay is 0.00; a credit note is in the customer's favour, with a real minus sign."""
    assert "0.00" in text_of(a_document())
    credit = a_document(
        a_charge(1, amount="-0.60", amount_exact="-0.6"), a_tax(2, "-0.22"),
        document_type=DocumentType.CREDIT_NOTE, corrects="TL-000001", number="TL-000002",
    )  # fmt: skip
    text = text_of(credit)
    assert "CREDIT NOTE" in text
    assert "Corrects invoice TL-000001" in text
    assert "IN YOUR FAVOUR" in text
    assert "\N{MINUS SIGN}0.82" in text


def test_lines_that_differ_only_for_tax_are_one_row_of_the_page() -> None:
    """Two states of the same destination and rate: the calls, minutes and cents are summed."""
    document = a_document(a_charge(1, taxing_state="WI"), a_charge(2, taxing_state="MN", amount="0.13"))
    [group] = view_of(document, "a4")["usage"]
    assert [["United Kingdom", "Outbound", "International", "0.012", "2", "20.00", "0.25"]] == group["rows"]
    assert ("2", "20.00", "0.25") == (group["calls"], group["minutes"], group["amount"])


def test_fair_use_is_shown_with_what_is_left() -> None:
    """1,500 of 1,720 seconds were within the plan."""
    trunk = a_trunk(included_seconds=1500, used_seconds=1720, overage_seconds=220)
    included = a_charge(1, LineKind.INCLUDED, amount="0.00", amount_exact="0", calls=3)
    view = view_of(a_document(included, trunks=(trunk,)), "a4")
    assert [["Front desk", "3", "25.00", "25.00", "0.00", "3.67"]] == view["plans"]


def test_late_calls_stand_under_their_month() -> None:
    """September beside October."""
    view = view_of(a_document(a_charge(1, service_period="2026-09"), a_charge(2)), "a4")
    assert ["September 2026", None] == [group["late"] for group in view["usage"]]


def test_the_call_list_is_printed_on_request() -> None:
    """Each call with its time, ends and charge."""
    pdf = render_pdf(a_document(a_charge(1)), InvoiceSettings(), printed_calls(some_calls()))
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert "+442079460018" in text
    assert "2026-10-05 10:00:00" in text


def some_calls() -> pa.Table:
    """One call as the list of a document has it."""
    money = pa.decimal128(18, 9)
    row = {
        "place": "TL-000001", "sign": 1, "service_period": "2026-10",
        "answered_at": datetime(2026, 10, 5, 10, tzinfo=UTC), "trunk_id": "t1", "direction": "OUTBOUND",
        "calling": "+16085550120", "called": "+442079460018", "destination": "United Kingdom",
        "charge_kind": "METERED", "call_scope": "INTERNATIONAL", "call_seconds": 600, "billed_seconds": 600,
        "rate_per_minute": Decimal("0.012"), "connection_fee": Decimal(0), "charge": Decimal("0.0000005"),
        "overage_seconds": 0, "overage_charge": Decimal(0), "currency": "USD", "cdr_id": "call-1",
        "line": b"1,2026-10,first\n",
    }  # fmt: skip
    schema = pa.Table.from_pylist([row]).schema
    schema = schema.set(schema.get_field_index("line"), pa.field("line", pa.large_binary()))
    for name in ("rate_per_minute", "connection_fee", "charge", "overage_charge"):
        schema = schema.set(schema.get_field_index(name), pa.field(name, money))
    stamp = pa.field("answered_at", pa.timestamp("us", tz="UTC"))
    return pa.Table.from_pylist([row], schema=schema.set(schema.get_field_index("answered_at"), stamp))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Acme", None), ("Übersee Ωmega Жук \u2013 Łódź", None), ("\N{CJK UNIFIED IDEOGRAPH-6771}\u4eac", "\u6771")],
)
def test_what_no_font_has_is_told(name: str, expected: str | None) -> None:
    """Latin, Greek and Cyrillic are shipped; the first ideograph is named. Where a system has its font, nothing is."""
    customer = Customer(account_id="a1", name=name, address_lines=(), country="JP")
    assert unprintable(a_document(a_fee(1), customer=customer), InvoiceSettings()) in {expected, None}
    if expected is None:
        assert unprintable(a_document(customer=customer), InvoiceSettings()) is None


def test_a_list_of_calls_is_named_by_the_hash_of_its_file() -> None:
    """Heading and lines as the database wrote them; any part of a larger table is a list of its own."""
    many = pa.concat_tables([some_calls(), some_calls()]).combine_chunks()
    for calls, count in ((many, 2), (many.slice(1), 1), (many.slice(0, 0), 0)):
        text = call_csv(calls)
        assert HEADING + "1,2026-10,first\n" * count == text.decode()
        assert (count, sha256(text).hexdigest()) == (digest_of(calls).count, digest_of(calls).sha256)


def test_the_parquet_file_has_the_same_columns() -> None:
    """Half a millionth keeps its digits; what only the program needs is left out."""
    [row] = pq.read_table(io.BytesIO(call_parquet(some_calls()))).to_pylist()
    assert Decimal("0.0000005") == row["charge"]
    assert HEADING.strip().split(",") == list(row)


def test_the_published_schema_is_that_of_the_models() -> None:
    """docs/invoice.schema.json is made from them; a document satisfies it, an amount with a float does not."""
    published = (ROOT / "docs" / "invoice.schema.json").read_text()
    assert schema_text() == published
    document = json.loads(a_document(a_fee(1), a_charge(2), a_tax(3)).to_bytes())
    jsonschema.validate(document, json.loads(published))
    document["totals"]["total"] = 21.12
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json.loads(published))


def test_a_document_comes_back_as_it_was() -> None:
    """Bytes, value, bytes; another amount is another hash."""
    document = a_document(a_fee(1), a_charge(2), a_tax(3))
    assert document == read_document(document.to_bytes())
    assert document_hash(document.to_bytes()) != document_hash(a_document(a_fee(1)).to_bytes())


def ubl_amount(root: ET.Element, name: str) -> Decimal:
    """An amount of the totals."""
    found = root.find(f"{CAC}LegalMonetaryTotal/{CBC}{name}")
    assert found is not None
    assert "USD" == found.get("currencyID")
    return Decimal(found.text or "")


def test_ubl_adds_up() -> None:
    """Rules BR-CO-10 to BR-CO-16 of EN 16931: lines, charges of the document, totals; taxes of the US are charges."""
    root = ET.fromstring(ubl_xml(a_document(a_fee(1), a_charge(2), a_tax(3))))  # noqa: S314 - our own bytes
    lines = [Decimal(line.findtext(f"{CBC}LineExtensionAmount") or "") for line in root.iter(f"{CAC}InvoiceLine")]
    charges = [Decimal(charge.findtext(f"{CBC}Amount") or "") for charge in root.iter(f"{CAC}AllowanceCharge")]
    assert [Decimal("20.00"), Decimal("0.12")] == lines
    assert [Decimal("1.00")] == charges
    assert sum(lines) == ubl_amount(root, "LineExtensionAmount")
    assert sum(lines) + sum(charges) == ubl_amount(root, "TaxExclusiveAmount") == ubl_amount(root, "PayableAmount")
    assert "380" == root.findtext(f"{CBC}InvoiceTypeCode")
    assert {"O"} == {category.findtext(f"{CBC}ID") for category in root.iter(f"{CAC}ClassifiedTaxCategory")}


def test_ubl_of_a_credit_note_is_positive() -> None:
    """A CreditNote names the invoice; its amounts are what is given back."""
    credit = a_document(
        a_charge(1, amount="-0.60", amount_exact="-0.6"), a_tax(2, "-0.22"),
        document_type=DocumentType.CREDIT_NOTE, corrects="TL-000001", number="TL-000002",
    )  # fmt: skip
    root = ET.fromstring(ubl_xml(credit))  # noqa: S314 - our own bytes
    assert root.tag.endswith("}CreditNote")
    assert "TL-000001" == root.findtext(f"{CAC}BillingReference/{CAC}InvoiceDocumentReference/{CBC}ID")
    assert (Decimal("0.60"), Decimal("0.82")) == (
        ubl_amount(root, "LineExtensionAmount"),
        ubl_amount(root, "PayableAmount"),
    )


def test_ubl_has_a_line_even_without_charges() -> None:
    """EN 16931, BR-16: an invoice has at least one line."""
    root = ET.fromstring(ubl_xml(a_document(a_tax(1))))  # noqa: S314 - our own bytes
    assert ["No charges"] == [item.findtext(f"{CBC}Name") for item in root.iter(f"{CAC}Item")]


def test_focus_rows_sum_to_the_document() -> None:
    """Each line is a row: fees are purchases, calls usage, taxes tax; every row has all columns."""
    document = a_document(a_fee(1), a_charge(2), a_tax(3))
    rows = list(csv.DictReader(io.StringIO(focus_csv(document).decode())))
    assert list(COLUMNS) == list(rows[0])
    assert ["Purchase", "Usage", "Tax"] == [row["ChargeCategory"] for row in rows]
    assert Decimal(document.totals.total) == sum(Decimal(row["BilledCost"]) for row in rows)
    assert ("2026-10-01T05:00:00Z", "2026-11-01T05:00:00Z") == (
        rows[0]["ChargePeriodStart"],
        rows[0]["ChargePeriodEnd"],
    )
    assert ("10.00", "Minutes") == (rows[1]["ConsumedQuantity"], rows[1]["ConsumedUnit"])


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (words.money("1234.5"), "1,234.50"),
        (words.money("-0.60"), "\N{MINUS SIGN}0.60"),
        (words.minutes(61), "1.02"),
        (words.minutes(0), "0.00"),
        (words.percent("0.06875"), "6.875 %"),
        (words.percent("0.37"), "37 %"),
        (words.fee("0.9"), "0.90"),
        (words.fee("0.005"), "0.005"),
        (words.days(date(2026, 10, 1), date(2026, 11, 1)), "1 \N{EN DASH} 31 October 2026"),
        (words.days(date(2026, 10, 16), date(2026, 10, 17)), "16 October 2026"),
        (words.days(date(2026, 9, 30), date(2026, 10, 2)), "30 September 2026 \N{EN DASH} 1 October 2026"),
        (words.month("2026-10"), "October 2026"),
        (words.count(12345), "12,345"),
    ],
)
def test_figures_are_written_as_people_read_them(found: str, expected: str) -> None:
    """Money, minutes, percent, days."""
    assert expected == found
