"""Figures and days as a person reads them, against a table that a clerk could write."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.billing.document import BilledCharge
from pipeline.billing.documents import words
from pipeline.billing.schema import DocumentType, LineKind
from schemas.reference import Package, TrunkType

MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.00", "0.00"),
        ("0.05", "0.05"),
        ("999.99", "999.99"),
        ("1000.00", "1,000.00"),
        ("1234567.89", "1,234,567.89"),
        ("-0.01", f"{MINUS}0.01"),
        ("-1234.50", f"{MINUS}1,234.50"),
        ("5", "5.00"),
    ],
)
def test_money_has_two_decimals_and_groups_of_three(amount: str, text: str) -> None:
    """A credit has a minus sign and no hyphen."""
    assert text == words.money(amount)


@given(st.integers(-(10**12), 10**12))
def test_money_reads_back(cents: int) -> None:
    """No digit of an amount is lost on the page."""
    exact = Decimal(cents).scaleb(-2)
    assert exact == Decimal(words.money(str(exact)).replace(",", "").replace(MINUS, "-"))


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (1000, "1,000"), (12345, "12,345"), (-3, f"{MINUS}3"), (-1200, f"{MINUS}1,200")],
)
def test_counts_have_groups_of_three(number: int, text: str) -> None:
    """Calls that a note takes back are negative."""
    assert text == words.count(number)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.00"),
        (1, "0.02"),  # 0.01666...
        (6, "0.10"),
        (30, "0.50"),
        (60, "1.00"),
        (61, "1.02"),  # 1.01666...
        (63, "1.05"),
        (100, "1.67"),  # 1.666...
        (86400, "1,440.00"),
        (6_000_000, "100,000.00"),
        (-90, f"{MINUS}1.50"),
    ],
)
def test_minutes_have_two_decimals(seconds: int, text: str) -> None:
    """Seconds over sixty, half up."""
    assert text == words.minutes(seconds)


@given(st.integers(0, 10**9))
def test_minutes_are_within_half_a_hundredth(seconds: int) -> None:
    """60 x the printed minutes differ from the seconds by at most 0.3."""
    printed = Decimal(words.minutes(seconds).replace(",", ""))
    assert Decimal("0.3") >= abs(printed * 60 - seconds)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.9", "0.90"),
        ("2", "2.00"),
        ("1.250", "1.25"),
        ("0.005", "0.005"),
        ("0.05", "0.05"),
        ("1.105", "1.105"),
        ("1200", "1,200.00"),
    ],
)
def test_a_fee_keeps_parts_of_a_cent(amount: str, text: str) -> None:
    """Cents where they are the whole fee, else every digit of it."""
    assert text == words.fee(amount)


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        ("0", "0 %"),
        ("0.05", "5 %"),
        ("0.06875", "6.875 %"),
        ("0.0010", "0.1 %"),
        ("0.373", "37.3 %"),
        ("0.2", "20 %"),
        ("1", "100 %"),
        ("0.000001", "0.0001 %"),
    ],
)
def test_a_rate_is_a_percentage(rate: str, text: str) -> None:
    """No zeros at the end and never an exponent."""
    assert text == words.percent(rate)


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (date(2026, 11, 1), "1 November 2026"),
        (date(2026, 2, 28), "28 February 2026"),
        (date(2028, 2, 29), "29 February 2028"),
    ],
)
def test_a_day_has_its_month_in_words(when: date, text: str) -> None:
    """So that nobody takes the month for the day."""
    assert text == words.day(when)


@pytest.mark.parametrize(
    ("first", "end", "text"),
    [
        (date(2026, 10, 1), date(2026, 11, 1), f"1 {DASH} 31 October 2026"),
        (date(2026, 2, 1), date(2026, 3, 1), f"1 {DASH} 28 February 2026"),
        (date(2028, 2, 1), date(2028, 3, 1), f"1 {DASH} 29 February 2028"),
        (date(2026, 10, 16), date(2026, 10, 17), "16 October 2026"),
        (date(2026, 10, 31), date(2026, 11, 1), "31 October 2026"),
        (date(2026, 10, 31), date(2026, 11, 2), f"31 October 2026 {DASH} 1 November 2026"),
        (date(2026, 12, 31), date(2027, 1, 2), f"31 December 2026 {DASH} 1 January 2027"),
        (date(2025, 10, 1), date(2026, 11, 1), f"1 October 2025 {DASH} 31 October 2026"),
    ],
)
def test_half_open_days_are_named_by_the_last_one(first: date, end: date, text: str) -> None:
    """The end is the first day that is not meant."""
    assert text == words.days(first, end)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 800))
def test_the_last_day_is_the_one_before_the_end(first: date, length: int) -> None:
    """A period of n days ends n - 1 days after it began."""
    assert first + timedelta(days=length - 1) == words.last_day(first + timedelta(days=length))


@pytest.mark.parametrize(
    ("name", "text"), [("2026-01", "January 2026"), ("2026-10", "October 2026"), ("2026-12", "December 2026")]
)
def test_a_month_is_named(name: str, text: str) -> None:
    """Without a day."""
    assert text == words.month(name)


@pytest.mark.parametrize(
    ("kind", "destination", "text", "name"),
    [
        (LineKind.CHANNEL_FEE, None, None, "Channels, plan unlimited-us"),
        (LineKind.USAGE, "France - mobile", None, "France - mobile"),
        (LineKind.FREE, None, None, "Free calls"),
        (LineKind.ADJUSTMENT, None, "Goodwill", "Goodwill"),
    ],
)
def test_each_charge_has_a_name(kind: LineKind, destination: str | None, text: str | None, name: str) -> None:
    """A call to 911 has no deck row, and so no destination."""
    line = BilledCharge.model_construct(kind=kind, plan_id="unlimited-us", destination=destination, text=text)
    assert name == words.charge_name(line)


def test_everything_that_a_page_names_has_words() -> None:
    """Types of documents, of trunks and of packages."""
    assert set(DocumentType) == set(words.TITLES)
    assert {str(kind) for kind in TrunkType} == set(words.TRUNK_TYPES)
    assert {str(package) for package in Package} == set(words.PACKAGES)
