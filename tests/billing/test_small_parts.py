"""Small parts of a close: adjustments as lines, reasons to wait, exact text, words of errors, the table's columns."""

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.billing.drafts import adjustment_line, overage_change
from pipeline.billing.errors import AnotherCloser, UnknownAccount, UnknownDocument, UnknownLine
from pipeline.billing.invoice import exact_text
from pipeline.billing.lines import Line, LineKey, Sums
from pipeline.billing.parked import ParkReason, out_of_balance, unknown_account
from pipeline.billing.schema import BILLING_SCHEMA, DOCUMENT_FIELDS, LINE_FIELDS, LineKind, Part
from pipeline.billing.taxes import charge_lines, grouped
from rating.tax.terms import CallScope


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1.500000000", "1.5"),
        ("0.000000000", "0"),
        ("0.000000500", "0.0000005"),
        ("1200", "1200"),
        ("1200.00", "1200"),
        ("1E+3", "1000"),
        ("5E-10", "0.0000000005"),
        ("-0.60", "-0.6"),
    ],
)
def test_exact_text_has_no_exponent_and_no_zeros_at_the_end(amount: str, text: str) -> None:
    """Zeros before the point stay."""
    assert text == exact_text(Decimal(amount))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**9), max_value=10**9))
def test_exact_text_reads_back(amount: Decimal) -> None:
    """No digit is lost."""
    assert amount == Decimal(exact_text(amount))


def _call_line(**fields: Any) -> Line:
    known = {"address_id": "home", "charge_class": "USAGE", "call_scope": "INDETERMINATE", "taxing_state": "MN"}
    return Line(1, LineKind.USAGE, "2026-10", amount=Decimal("1.00"), **known | fields)


@pytest.mark.parametrize(
    ("line", "policy", "group"),
    [
        (_call_line(), CallScope.INTERSTATE, "home USAGE INDETERMINATE as INTERSTATE MN 2026-10"),
        (_call_line(call_scope=None, is_at_ppu=False, taxing_state=None), CallScope.INTRASTATE,
         "home USAGE INDETERMINATE as INTRASTATE elsewhere 2026-10"),
        (_call_line(call_scope="INTRASTATE"), CallScope.INTERSTATE, "home USAGE INTRASTATE MN 2026-10"),
        (_call_line(charge_class=None), CallScope.INTERSTATE, None),
    ],
)  # fmt: skip
def test_a_line_of_calls_with_an_unknown_end_tells_the_policy(line: Line, policy: CallScope, group: str) -> None:
    """PRODUCT.md, Tax 2: an unknown end is indeterminate, and the line says what it counts as."""
    assert [group] == [found.tax_group for found in grouped([line], policy)]


def test_charges_of_two_months_are_taxed_apart_each_with_its_service_date() -> None:
    """A rule may ask for the service date (PRODUCT.md, Tax 6): a late call of September has one of September."""
    late = _call_line()._replace(service_period="2026-09", amount_exact=Decimal("0.5"))
    now = _call_line()._replace(amount_exact=Decimal("0.25"))
    found = charge_lines(grouped([now, late, now], CallScope.INTERSTATE))
    assert [(date(2026, 9, 1), Decimal("0.5")), (date(2026, 10, 1), Decimal("0.50"))] == [
        (charge.service_date, charge.amount) for charge in found
    ]


def _adjustment(**fields: Any) -> dict[str, Any]:
    known = {
        "trunk_id": None, "address_id": None, "charge_class": None, "call_scope": None, "amount": Decimal("-5.00"),
        "text": "Goodwill", "adjustment_id": "j1", "author": "clerk", "reason": "outage",
    }  # fmt: skip
    return known | fields


def test_an_adjustment_is_a_line_of_its_amount() -> None:
    """With who decided it and why; without a class it is outside every tax."""
    line = adjustment_line(_adjustment(), "2026-10", 7)
    assert (7, "ADJUSTMENT", "2026-10", "Goodwill") == (line.line_no, line.kind, line.service_period, line.text)
    assert Decimal("-5.00") == line.amount == line.amount_exact
    assert ("j1", "clerk", "outage", None) == (line.adjustment_id, line.author, line.reason, line.charge_class)
    assert (0, None, None) == (line.calls, line.trunk_id, line.days)


def test_only_overage_is_compared_with_overage() -> None:
    """0.30 of overage was billed, 0.50 is due: 0.20 more. Usage of the same trunk is no part of it."""
    key = LineKey(LineKind.OVERAGE, "2026-10", "t1")
    billed = {key: Sums(2, 120, 120, Decimal("0.3")), key._replace(kind=LineKind.USAGE): Sums(9, 9, 9, Decimal(9))}
    assert {key: Sums(1, 60, 60, Decimal("0.2"))} == overage_change({key: Sums(3, 180, 180, Decimal("0.5"))}, billed)
    assert {key: Sums(-2, -120, -120, Decimal("-0.3"))} == overage_change({}, billed)


def test_a_reason_to_wait_says_what_to_do() -> None:
    """Account, reason, and the next step."""
    gone = unknown_account("a9", 12)
    assert ("a9", ParkReason.UNKNOWN_ACCOUNT) == (gone.account_id, gone.reason)
    assert "no account a9, which has 12 calls" in gone.detail
    assert gone.detail.endswith("then close again.")
    balance = out_of_balance("a1", "sbc1, sbc2")
    assert ("a1", ParkReason.BALANCE) == (balance.account_id, balance.reason)
    assert "sbc1, sbc2" in balance.detail


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (AnotherCloser("var/ledger", 41), "it issued document 42 first"),
        (UnknownDocument("TL-9", None), "There is no invoice or note 'TL-9'. None has been issued yet."),
        (UnknownDocument("TL-9", "TL-000004"), "The last one is TL-000004."),
        (UnknownAccount("zz", ["a1", "a2"]), "The book has no account 'zz' (known: a1, a2)."),
        (UnknownAccount("zz", []), "(known: none)"),
        (UnknownLine("TL-000001", 9, 3), "TL-000001 has no line 9; its lines are 1 to 3."),
    ],
)
def test_errors_say_what_was_found_and_what_is_there(error: Exception, said: str) -> None:
    """In one sentence for the clerk."""
    assert said in str(error)


def test_every_column_of_the_table_is_described() -> None:
    """Money is decimal, never binary floating point; only the part is always there."""
    for field in BILLING_SCHEMA:
        assert (field.metadata or {}).get(b"description"), field.name
        assert not pa.types.is_floating(field.type), field.name
    assert ["part"] == [field.name for field in BILLING_SCHEMA if not field.nullable]


def test_columns_have_one_meaning() -> None:
    """No name twice, and a line has a column for each of its fields."""
    names = BILLING_SCHEMA.names
    assert len(names) == len(set(names))
    of_line = {*LINE_FIELDS, "adjustment_id", "author", "reason"}
    assert set(Line._fields) == of_line & set(Line._fields) == of_line
    assert not set(DOCUMENT_FIELDS) & set(LINE_FIELDS)
    assert {"DOCUMENT", "LINE", "CALL", "ADJUSTMENT", "POSITION"} == set(Part)


def test_a_line_shares_its_key_with_its_parts_on_other_documents() -> None:
    """Days and number of a line are its own; everything that calls have in common is the key."""
    line = Line(3, LineKind.CHANNEL_FEE, "2026-10", "t1", days=16, effective_from=date(2026, 10, 16))
    assert LineKey("CHANNEL_FEE", "2026-10", "t1") == line.key == line._replace(line_no=9, days=15).key
