"""The federal charge on ten channels at 25.00 in every quarter that has a factor, and none where there is no factor."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rating.tax.fusf import Seller, capped
from rating.tax.invoice import tax_invoice
from rating.tax.law import Tax
from rating.tax.parameters import StopReason
from rating.tax.result import TaxResult
from rating.tax.rounding import half_up
from rating.tax.stacks import RateTable
from rating.tax.terms import CallScope, Rounding, TaxType
from tests.rating.tax.bills import a_bill, a_channel_fee, a_law, a_parameter, a_tax, a_usage, a_value

FACTORS = {
    "2019-01-01": "20.0", "2019-04-01": "18.8", "2019-07-01": "24.4", "2019-10-01": "25.0",
    "2020-01-01": "21.2", "2020-04-01": "19.6", "2020-07-01": "26.5", "2020-10-01": "27.1",
    "2021-01-01": "31.8", "2021-04-01": "33.4", "2021-07-01": "31.8", "2021-10-01": "29.1",
    "2022-01-01": "25.2", "2022-04-01": "23.8", "2022-07-01": "33.0", "2022-10-01": "28.9",
    "2023-01-01": "32.6", "2023-04-01": "29.0", "2023-07-01": "29.2", "2023-10-01": "34.5",
    "2024-01-01": "34.6", "2024-04-01": "32.8", "2024-07-01": "34.4", "2024-10-01": "35.8",
    "2025-01-01": "36.3", "2025-04-01": "36.6", "2025-07-01": "36.0", "2025-10-01": "38.1",
    "2026-01-01": "37.6", "2026-04-01": "37.0",
}  # fmt: skip
"""Percent by first day of the quarter, as USAC and the FCC published them; unknown from 2026-07-01 on."""

UNKNOWN_FROM = date(2026, 7, 1)


def the_charge() -> Tax:
    """The federal charge with all published factors."""
    starts = [*FACTORS, str(UNKNOWN_FROM)]
    values = [
        a_value(str(Decimal(percent) / 100), start, until)
        for (start, percent), until in zip(FACTORS.items(), starts[1:], strict=True)
    ]
    table = RateTable("contribution factor", "parameters/us/fusf.yaml", {"US": a_parameter(*values)})
    scopes = frozenset({CallScope.INTERSTATE, CallScope.INTERNATIONAL})
    return a_tax("US.FUSF", table, tax_type=TaxType.FUSF, scopes=scopes, rounding=Rounding.CAPPED)


LAW = a_law(the_charge())
ANYWHERE = Seller()
"""Registered in no state, so that the federal charge stands alone on its bill."""


def charge_on(day: date, amount: str = "250.00") -> str | set[StopReason]:
    """Cents of the federal charge on a monthly charge billed on a day, or why the bill stops."""
    result = tax_invoice(a_bill(a_channel_fee(amount), bill_date=day, seller=ANYWHERE), LAW)
    return str(result.total) if isinstance(result, TaxResult) else set(result.reasons)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        # 250.00 x 64.9 percent is 162.25; 162.25 x 0.200 = 32.45, x 0.188 = 30.503, x 0.244 = 39.589, ...
        ("2019-01-01", "32.45"), ("2019-04-01", "30.50"), ("2019-07-01", "39.58"), ("2019-10-01", "40.56"),
        ("2020-01-01", "34.39"), ("2020-04-01", "31.80"), ("2020-07-01", "42.99"), ("2020-10-01", "43.96"),
        ("2021-01-01", "51.59"), ("2021-04-01", "54.19"), ("2021-07-01", "51.59"), ("2021-10-01", "47.21"),
        ("2022-01-01", "40.88"), ("2022-04-01", "38.61"), ("2022-07-01", "53.54"), ("2022-10-01", "46.89"),
        ("2023-01-01", "52.89"), ("2023-04-01", "47.05"), ("2023-07-01", "47.37"), ("2023-10-01", "55.97"),
        ("2024-01-01", "56.13"), ("2024-04-01", "53.21"), ("2024-07-01", "55.81"), ("2024-10-01", "58.08"),
        ("2025-01-01", "58.89"), ("2025-04-01", "59.38"), ("2025-07-01", "58.41"), ("2025-10-01", "61.81"),
        ("2026-01-01", "61.00"), ("2026-04-01", "60.03"),
    ],
)  # fmt: skip
def test_ten_channels_in_every_quarter(day: str, expected: str) -> None:
    """Down to the cent, on the first and on the last day of the quarter."""
    first = date.fromisoformat(day)
    after = date(first.year + first.month // 10, (first.month + 2) % 12 + 1, 1)
    assert [expected, expected] == [charge_on(first), charge_on(after - timedelta(days=1))]


@pytest.mark.parametrize("day", ["2018-12-31", "2026-07-01", "2026-10-01", "2026-11-22", "2030-01-01"])
def test_a_quarter_without_a_factor_stops_the_bill(day: str) -> None:
    """Neither the last factor nor a forecast takes its place."""
    assert {StopReason.RATE_MISSING} == charge_on(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("seller", "scope"),
    [
        (Seller(de_minimis=True), CallScope.INTERSTATE),
        (Seller(contributor=False), CallScope.INTERSTATE),
        (Seller(lire=True), CallScope.INTERNATIONAL),
        (Seller(), CallScope.INTRASTATE),
    ],
)
def test_a_factor_that_is_not_needed_is_not_missing(seller: Seller, scope: CallScope) -> None:
    """A seller that passes nothing on, or a charge outside the base, needs no factor and has no line."""
    bill = a_bill(a_usage("100", scope, taxing_state=None), bill_date=UNKNOWN_FROM, seller=seller)
    result = tax_invoice(bill, LAW)
    assert isinstance(result, TaxResult)
    assert [] == [line for line in result.lines if line.amount]


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        # 64.90 of 100.00 is interstate: 64.9 x 0.376 = 24.4024 and 64.9 x 0.370 = 24.013.
        ("100.00", ("24.40", "24.01")),
        ("0.01", ("0.00", "0.00")),
        ("0.05", ("0.01", "0.01")),
        ("-250.00", ("-61.00", "-60.03")),
        ("999999.99", ("244023.99", "240129.99")),
    ],
)
def test_the_bill_date_chooses_the_factor(amount: str, expected: tuple[str, str]) -> None:
    """The last day of March takes 37.6 percent, the first of April 37.0."""
    assert expected == (charge_on(date(2026, 3, 31), amount), charge_on(date(2026, 4, 1), amount))


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (CallScope.INTERSTATE, "37.00"),
        (CallScope.INTERNATIONAL, "37.00"),
        (CallScope.INTRASTATE, "0.00"),
        # An unknown end counts as interstate by default; a bundle by the safe harbour.
        (CallScope.INDETERMINATE, "37.00"),
        (CallScope.BUNDLED, "24.01"),
    ],
)
def test_what_each_scope_bears(scope: CallScope, expected: str) -> None:
    """100.00 at 37 percent in May 2026."""
    bill = a_bill(a_usage("100", scope, taxing_state=None), seller=ANYWHERE)
    result = tax_invoice(bill, LAW)
    assert isinstance(result, TaxResult)
    assert expected == str(result.total)


@given(st.decimals(-10_000, 10_000, places=6), st.decimals(-10_000, 10_000, places=2))
def test_the_charge_is_above_neither_base(exact: Decimal, billed: Decimal) -> None:
    """The smaller of the two, each down to the cent: within the cap on the ledger's and on the printed amount."""
    rate = Fraction("0.37")
    found = abs(Fraction(capped(Fraction(exact) * rate, Fraction(billed) * rate)))
    assert found <= abs(Fraction(exact)) * rate
    assert found <= abs(Fraction(billed)) * rate


@given(st.decimals(0, 10_000, places=2))
def test_the_charge_is_at_most_a_cent_below_what_half_up_gives(amount: Decimal) -> None:
    """Rounding down costs the provider less than a cent a bill."""
    exact = Fraction(amount) * Fraction("0.649") * Fraction("0.37")
    assert half_up(exact) - capped(exact, exact) in {Decimal("0.00"), Decimal("0.01")}
