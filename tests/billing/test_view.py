"""What the page shows: each table of the document as the template gets it."""

from datetime import date
from typing import Any

import pytest

from pipeline.billing.documents.view import view_of
from pipeline.billing.schema import DocumentType, LineKind
from tests.billing.documents import a_charge, a_document, a_fee, a_tax, a_trunk

MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"


def shown(*lines: Any, **fields: Any) -> dict[str, Any]:
    """The view of a document of these lines."""
    return view_of(a_document(*lines, **fields), "a4")


def printed_rows(*lines: Any) -> list[list[str]]:
    """Rows of the only usage table."""
    (table,) = shown(*lines)["usage"]
    rows: list[list[str]] = table["rows"]
    return rows


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("paper", "a4"),
        ("title", "Invoice"),
        ("number", "TL-000001"),
        ("corrects", None),
        ("account", "a1"),
        ("issued", "1 November 2026"),
        ("due", "1 December 2026"),
        ("period", f"1 {DASH} 31 October 2026"),
        ("zone", "America/Chicago"),
        ("currency", "USD"),
        ("total", "21.12"),
        ("tax_total", "1.00"),
        ("call_count", "1"),
        ("notes", []),
        ("previous", "0" * 64),
        ("law", "c" * 64),
        ("calls", []),
    ],
)
def test_the_head_of_a_document(name: str, expected: object) -> None:
    """Dates in words, amounts with two decimals."""
    assert expected == shown(a_fee(1), a_charge(2), a_tax(3))[name]


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (DocumentType.INVOICE, "Invoice"),
        (DocumentType.CREDIT_NOTE, "Credit note"),
        (DocumentType.DEBIT_NOTE, "Debit note"),
    ],
)
def test_a_document_says_what_it_is(kind: DocumentType, title: str) -> None:
    """A note and its invoice."""
    view = shown(a_charge(1), document_type=kind, corrects="TL-000001")
    assert (title, "TL-000001") == (view["title"], view["corrects"])


def test_the_summary_names_what_there_is() -> None:
    """Kinds without money are left out; the two sums always stand there."""
    assert [["Charges before tax", "0.00"], ["Taxes, fees and surcharges", "0.00"]] == shown()["summary"]
    lines = (
        a_fee(1), a_charge(2), a_charge(3, LineKind.OVERAGE, amount="1234.50"),
        a_charge(4, LineKind.ADJUSTMENT, amount="-5.00"), a_tax(5, "1.37"),
    )  # fmt: skip
    assert [
        ["Plan fees", "20.00"],
        ["Usage", "0.12"],
        ["Minutes beyond plans", "1,234.50"],
        ["Adjustments", f"{MINUS}5.00"],
        ["Charges before tax", "1,249.62"],
        ["Taxes, fees and surcharges", "1.37"],
    ] == shown(*lines)["summary"]


def test_a_fee_shows_days_channels_and_price() -> None:
    """Ten channels of 2.00 for the whole of October, then for its second half."""
    half = a_fee(2, "10.32").model_copy(update={"days": 16, "effective_from": date(2026, 10, 16)})
    assert [
        ["Front desk", f"1 {DASH} 31 October 2026", "31 of 31", "10", "2.00", "20.00"],
        ["Front desk", f"16 {DASH} 31 October 2026", "16 of 31", "10", "2.00", "10.32"],
    ] == shown(a_fee(1), half)["fees"]


def test_a_trunk_of_no_name_is_shown_by_its_id() -> None:
    """A charge of a trunk that the document does not list."""
    assert "t9" == shown(a_fee(1).model_copy(update={"trunk_id": "t9"}))["fees"][0][0]
    assert "t9" == shown(a_charge(1, trunk_id="t9"))["usage"][0]["trunk"]


@pytest.mark.parametrize(
    ("used", "beyond", "expected"),
    [
        (0, 0, ["50.00", "0.00", "50.00", "0.00"]),
        (1500, 0, ["50.00", "25.00", "25.00", "0.00"]),
        (3000, 0, ["50.00", "50.00", "0.00", "0.00"]),
        (3660, 660, ["50.00", "50.00", "0.00", "11.00"]),
    ],
)
def test_fair_use_shows_what_is_left(used: int, beyond: int, expected: list[str]) -> None:
    """3,000 seconds are included: minutes included, used within, left, beyond."""
    trunk = a_trunk(package="UNLIMITED", included_seconds=3000, used_seconds=used, overage_seconds=beyond)
    lines = [a_charge(at, LineKind.INCLUDED, calls=calls, amount="0.00") for at, calls in ((1, 7), (2, 1200))]
    other = a_charge(3, LineKind.INCLUDED, calls=5, trunk_id="t2", amount="0.00")
    assert [["Front desk", "1,207", *expected]] == shown(*lines, other, trunks=(trunk,))["plans"]


def test_a_metered_trunk_has_no_fair_use() -> None:
    """Nothing is included in it."""
    assert [] == shown(a_charge(1))["plans"]


def test_a_line_of_calls_shows_where_how_and_how_much() -> None:
    """Destination, direction, scope, rate, calls, minutes, amount."""
    line = a_charge(1, calls=1234, billed_seconds=61, direction="FORWARD", rate_per_minute="0.0005")
    expected = ["United Kingdom", "Forwarded", "International", "0.0005", "1,234", "1.02", "0.12"]
    assert [expected] == printed_rows(line)


def test_lines_stand_by_direction_destination_scope_and_rate() -> None:
    """Outbound, inbound, forwarded; rates as numbers: 0.9 before 0.012 times a thousand."""
    lines = [
        a_charge(1, direction="FORWARD", destination="Austria"),
        a_charge(2, direction="INBOUND", destination="Austria"),
        a_charge(3, rate_per_minute="12"),
        a_charge(4, rate_per_minute="0.9"),
        a_charge(5, destination="Germany", call_scope="INTERSTATE"),
        a_charge(6, destination="Germany", call_scope="INTERNATIONAL"),
    ]
    assert [
        ("Germany", "Outbound", "International", "0.012"),
        ("Germany", "Outbound", "Interstate", "0.012"),
        ("United Kingdom", "Outbound", "International", "0.9"),
        ("United Kingdom", "Outbound", "International", "12"),
        ("Austria", "Inbound", "International", "0.012"),
        ("Austria", "Forwarded", "International", "0.012"),
    ] == [tuple(row[:4]) for row in printed_rows(*lines)]


def test_lines_that_look_alike_are_one_row() -> None:
    """Three states of one rate: 6 calls, 1,800 s, 0.12 + 0.12 + 0.13 in cents that are not rounded again."""
    lines = [
        a_charge(at, taxing_state=state, calls=2, amount=amount)
        for at, (state, amount) in enumerate((("US-WI", "0.12"), ("US-MN", "0.12"), (None, "0.13")), 1)
    ]
    assert [["United Kingdom", "Outbound", "International", "0.012", "6", "30.00", "0.37"]] == printed_rows(*lines)


def test_usage_is_summed_by_trunk() -> None:
    """Free calls count as calls; calls within a plan and beyond it stand elsewhere."""
    lines = [
        a_charge(1), a_charge(2, LineKind.FREE, calls=3, destination="Emergency", billed_seconds=60, amount="0.00"),
        a_charge(3, LineKind.INCLUDED, amount="0.00"), a_charge(4, LineKind.OVERAGE), a_charge(5, trunk_id="t2"),
    ]  # fmt: skip
    first, second = shown(*lines, trunks=(a_trunk(), a_trunk(trunk_id="t2", name="Warehouse")))["usage"]
    assert ("Front desk", None, "4", "11.00", "0.12") == (
        first["trunk"], first["late"], first["calls"], first["minutes"], first["amount"],
    )  # fmt: skip
    assert ("Warehouse", "1", "10.00") == (second["trunk"], second["calls"], second["minutes"])


def test_late_calls_are_a_table_of_their_month() -> None:
    """September comes before October, with its name."""
    tables = shown(a_charge(1), a_charge(2, service_period="2026-09"))["usage"]
    assert ["September 2026", None] == [table["late"] for table in tables]


def test_overage_is_a_table_with_the_trunk() -> None:
    """Twelve minutes beyond the plan."""
    line = a_charge(1, LineKind.OVERAGE, billed_seconds=720, amount="0.14")
    expected = ["Front desk", "United Kingdom", "Outbound", "International", "0.012", "1", "12.00", "0.14"]
    assert [expected] == shown(line)["overage"]


def test_an_adjustment_shows_text_reason_and_sign() -> None:
    """A credit has a minus sign."""
    line = a_charge(1, LineKind.ADJUSTMENT, text="Goodwill", reason="outage of 3 October", amount="-5.00")
    assert [["Goodwill", "outage of 3 October", f"{MINUS}5.00"]] == shown(line)["adjustments"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["", "20.00", "5 %", "", "1.00"]),
        ({"mark": "M"}, ["", "20.00", "5 %", "M", "1.00"]),
        ({"mark": "I", "rate": "0.06875"}, ["", "20.00", "6.875 %", "I", "1.00"]),
        ({"exempt_reason": "RESELLER", "amount": "0.00"}, ["exempt: RESELLER", "20.00", "5 %", "", "0.00"]),
        ({"rate": None}, ["", "20.00", "", "", "1.00"]),
        ({"tax_type": "E911_STATE", "base": "10", "rate": "0.9", "amount": "9.00"}, ["", "10", "0.90", "", "9.00"]),
        ({"tax_type": "I988", "base": "1200", "rate": "0.12", "amount": "144.00"},
         ["", "1,200", "0.12", "", "144.00"]),
        ({"tax_type": "PPP", "base": "10.000", "rate": "0.005", "amount": "0.05"}, ["", "10", "0.005", "", "0.05"]),
        ({"amount": "-0.22", "base": "-4.40"}, ["", f"{MINUS}4.40", "5 %", "", f"{MINUS}0.22"]),
    ],
)  # fmt: skip
def test_a_tax_shows_its_base_and_rate(fields: dict[str, Any], expected: list[str]) -> None:
    """A percentage of money, or so much for each line; S, a sourced rate, needs no mark."""
    assert [["Wisconsin sales tax", "Wisconsin", *expected]] == shown(a_tax(1, **fields))["taxes"]


def test_a_trunk_shows_its_plan_and_place() -> None:
    """As people read it."""
    trunk = a_trunk(trunk_type="OPERATOR_CONNECT", package="UNLIMITED", channel_limit=1000, calls=12345, amount="1.50")
    (found,) = shown(trunks=(trunk,))["trunks"]
    assert {
        "name": "Front desk", "id": "t1", "type": "Operator Connect", "package": "Unlimited", "plan": "metered",
        "address": "2 Main Street, Madison, WI", "channels": "1,000", "calls": "12,345", "amount": "1.50",
    } == found  # fmt: skip


def test_calls_are_printed_as_they_are_given() -> None:
    """Rows of text."""
    view = view_of(a_document(a_charge(1)), "us-letter", [("a", "b"), ("c", "d")])
    assert ("us-letter", [["a", "b"], ["c", "d"]]) == (view["paper"], view["calls"])
