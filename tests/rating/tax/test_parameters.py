"""Numbers of the law: half-open days, and what stands for a number nobody knows."""

from datetime import date

import pytest

from rating.tax.parameters import DatedValue, RateMissing, StopReason, tax_point
from rating.tax.terms import DateBasis
from tests.rating.tax.bills import a_parameter, a_value

QUARTERS = a_parameter(a_value("0.376", "2026-01-01", "2026-04-01"), a_value("0.370", "2026-04-01", "2026-07-01"))


@pytest.mark.parametrize(
    ("day", "expected"), [("2026-01-01", "0.376"), ("2026-03-31", "0.376"), ("2026-04-01", "0.370")]
)
def test_the_value_of_a_day(day: str, expected: str) -> None:
    """A quarter's factor counts from its first day to its last; the next one begins on the day after."""
    found = QUARTERS.on(date.fromisoformat(day))
    assert isinstance(found, DatedValue)
    assert expected == str(found.value)


@pytest.mark.parametrize("day", ["2025-12-31", "2026-07-01"])
def test_a_day_without_a_value_is_not_extrapolated(day: str) -> None:
    """Before the first and after the last value the number is missing."""
    assert isinstance(QUARTERS.on(date.fromisoformat(day)), RateMissing)


def test_a_missing_number_says_which_when_and_where() -> None:
    """The message names the number, the day, what is known, and the file to put it in."""
    missing = QUARTERS.on(date(2026, 7, 1))
    assert isinstance(missing, RateMissing)
    assert StopReason.RATE_MISSING is missing.reason
    assert (
        "RATE_MISSING: rate on 2026-07-01. Values are known from 2026-01-01 to 2026-07-01 (exclusive). "
        "Add it with its source to us/rate.yaml of the tax folder." == missing.message
    )


def test_an_open_value_is_shown_as_open() -> None:
    """A value without an end has no last day to name."""
    missing = a_parameter(a_value("1", "2026-01-01")).on(date(2025, 1, 1))
    assert isinstance(missing, RateMissing)
    assert "Values are known from 2026-01-01 to open" == missing.known


def test_a_number_nobody_ever_gave() -> None:
    """A parameter without values says so."""
    missing = a_parameter().on(date(2026, 1, 1))
    assert isinstance(missing, RateMissing)
    assert "No value is known" == missing.known


@pytest.mark.parametrize(
    ("basis", "service_date", "expected"),
    [
        (DateBasis.BILL_DATE, date(2026, 3, 20), date(2026, 4, 5)),
        (DateBasis.SERVICE_DATE, date(2026, 3, 20), date(2026, 3, 20)),
        (DateBasis.SERVICE_DATE, None, date(2026, 4, 5)),
    ],
)
def test_the_tax_point_is_the_bill_date_unless_the_rule_says_otherwise(
    basis: DateBasis, service_date: date | None, expected: date
) -> None:
    """Service of March billed in April: April's rates by default, March's under a service date rule."""
    assert expected == tax_point(date(2026, 4, 5), service_date, basis)
