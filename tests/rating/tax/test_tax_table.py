"""Tax lines as a table: every amount exact to its last decimal, unknown as null, one row for each line in its order."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rating.tax.allocation import Allocation, AllocationMethod
from rating.tax.exemptions import ExemptionKind
from rating.tax.invoice import tax_invoice
from rating.tax.jurisdictions import Jurisdiction
from rating.tax.parameters import DatedValue
from rating.tax.result import TaxLine, TaxResult
from rating.tax.rounding import to_decimal
from rating.tax.table import CENTS, EXACT, RATE, TAX_LINE_SCHEMA, tax_table
from rating.tax.terms import Level, Mark, Rounding, TaxType
from tests.rating.tax.bills import a_bill, a_certificate, a_channel_fee, a_law, minnesota_sales, the_fusf

MAY = date(2026, 5, 1)
HENNEPIN = Jurisdiction("US-MN-C053", Level.COUNTY, "Hennepin County")
LINE = TaxLine(
    "US-MN.LOCAL", "Minnesota local sales tax", TaxType.LOCAL_SALES, HENNEPIN, MAY, Decimal(250), Decimal(0), None,
    DatedValue(date(2017, 10, 1), None, Decimal("0.0015"), "MNR2026Q2FEB18"), Rounding.AGGREGATE, Decimal("0.375"),
    Decimal("0.38"), "Revenue Notice 05-03", Mark.SOURCED,
)  # fmt: skip


def a_result(*lines: TaxLine, document_id: str = "bill") -> TaxResult:
    """A result of these lines."""
    split = Allocation(AllocationMethod.SAFE_HARBOR, Decimal("0.649"))
    return TaxResult(document_id, MAY, "2026-05", "law-1", split, lines)


def the_row(line: TaxLine) -> dict[str, object]:
    """The row of one line."""
    row: dict[str, object] = tax_table([a_result(line)]).to_pylist()[0]
    return row


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("document_id", "bill"),
        ("compliance_period", "2026-05"),
        ("tax_point", MAY),
        ("tax_id", "US-MN.LOCAL"),
        ("tax_type", "LOCAL_SALES"),
        ("label", "Minnesota local sales tax"),
        ("level", "COUNTY"),
        ("jurisdiction_id", "US-MN-C053"),
        ("jurisdiction", "Hennepin County"),
        ("base", Decimal(250)),
        ("exempt", Decimal(0)),
        ("exempt_reason", None),
        ("rate", Decimal("0.0015")),
        ("tax_unrounded", Decimal("0.375")),
        ("amount", Decimal("0.38")),
        ("rounding", "AGGREGATE"),
        ("rule_citation", "Revenue Notice 05-03"),
        ("rate_citation", "MNR2026Q2FEB18"),
        ("law_version", "law-1"),
    ],
)
def test_a_column(column: str, expected: object) -> None:
    """Hennepin County on 250.00: 0.15 percent is 0.375, which the largest remainder makes 0.38."""
    assert expected == the_row(LINE)[column]


def test_no_column_is_left_out() -> None:
    """Every column of the schema has a value or a null, and every one says what it holds."""
    assert TAX_LINE_SCHEMA.names == list(the_row(LINE))
    assert all(field.metadata[b"description"] for field in TAX_LINE_SCHEMA)


@pytest.mark.parametrize("field", list(TAX_LINE_SCHEMA), ids=lambda field: field.name)
def test_no_column_is_a_binary_fraction(field: pa.Field) -> None:
    """Money and rates are decimals; only a certificate leaves a rate unknown."""
    assert not pa.types.is_floating(field.type)
    assert (field.name in {"exempt_reason", "rate", "rate_citation"}) is field.nullable


@pytest.mark.parametrize(("type_", "digits", "decimals"), [(EXACT, 38, 27), (RATE, 18, 10), (CENTS, 18, 2)])
def test_room_for_amounts(type_: pa.Decimal128Type, digits: int, decimals: int) -> None:
    """27 decimals: nine of the ledger, eight of a traffic study, ten of a rate."""
    assert (digits, decimals) == (type_.precision, type_.scale)
    assert 9 + 8 + 10 == EXACT.scale


def test_an_exempt_tax_has_no_rate() -> None:
    """The reason stands in its place, and the exempt part is the whole base."""
    row = the_row(LINE._replace(
        exempt=Decimal(250), exempt_reason="RESALE_STATE", rate=None, tax_unrounded=Decimal(0), amount=Decimal("0.00")
    ))  # fmt: skip
    assert ("RESALE_STATE", None, None, Decimal(250), Decimal(0)) == tuple(
        row[name] for name in ("exempt_reason", "rate", "rate_citation", "exempt", "amount")
    )


def test_a_place_without_a_name_is_shown_by_its_code() -> None:
    """Nothing is left empty."""
    assert "US-MN-C053" == the_row(LINE._replace(jurisdiction=HENNEPIN._replace(name="")))["jurisdiction"]


def test_documents_follow_each_other() -> None:
    """Lines of the first document, then those of the second; a document without taxes has no row."""
    first = a_result(LINE, LINE._replace(tax_id="US-MN.SALES"), document_id="one")
    table = tax_table([first, a_result(document_id="none"), a_result(LINE, document_id="two")])
    assert [("one", "US-MN.LOCAL"), ("one", "US-MN.SALES"), ("two", "US-MN.LOCAL")] == list(
        zip(table["document_id"].to_pylist(), table["tax_id"].to_pylist(), strict=True)
    )


@settings(deadline=None)
@given(st.decimals(-10_000, 10_000, places=9), st.decimals(0, 1, places=8), st.decimals(0, 1, places=10))
def test_an_exact_tax_keeps_every_decimal(charge: Decimal, share: Decimal, rate: Decimal) -> None:
    """A ledger amount times a study's share times a rate comes back digit by digit."""
    exact = Fraction(charge) * Fraction(share) * Fraction(rate)
    assert exact == Fraction(str(the_row(LINE._replace(tax_unrounded=to_decimal(exact)))["tax_unrounded"]))


def test_an_amount_without_room_is_refused() -> None:
    """A 28th decimal is never cut off in silence."""
    with pytest.raises(pa.ArrowInvalid):
        tax_table([a_result(LINE._replace(tax_unrounded=Decimal("1E-28")))])


@settings(max_examples=30, deadline=None)
@given(amounts=st.lists(st.decimals(-1000, 1000, places=6), min_size=1, max_size=4), is_exempt=st.booleans())
def test_the_table_sums_to_the_bill(amounts: list[Decimal], *, is_exempt: bool) -> None:
    """Cents of all rows are the taxes of the bill; exempt and taxable parts make the base."""
    exemptions = (a_certificate(ExemptionKind.RESALE_STATE, "US-MN"),) if is_exempt else ()
    lines = [a_channel_fee(str(amount), f"line-{number}") for number, amount in enumerate(amounts)]
    result = tax_invoice(a_bill(*lines, exemptions=exemptions), a_law(the_fusf(), *minnesota_sales()))
    assert isinstance(result, TaxResult)
    table = tax_table([result])
    assert result.total == sum(table["amount"].to_pylist(), Decimal(0))
    for row in table.to_pylist():
        assert row["exempt"] == (row["base"] if row["exempt_reason"] else 0)
