"""Rate tables: complete and incomplete ones, and how long they may be used."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from rating.tax.parameters import DatedValue, RateMissing
from rating.tax.stacks import RateTable, combined_rate, round_taxes, stack_rates
from rating.tax.terms import Rounding
from tests.rating.tax.bills import MINNEAPOLIS, MINNEAPOLIS_RATES, a_parameter, a_table, a_value, areas

DAY = date(2026, 5, 1)
STATE, COUNTY, CITY = areas("US-MN", "US-MN-C053", "US-MN-P20906")


def test_the_stack_of_minneapolis() -> None:
    """Example 7: six rates, 9.025 percent together."""
    rates = stack_rates(a_table(MINNEAPOLIS_RATES), areas(*MINNEAPOLIS), DAY)
    assert not isinstance(rates, RateMissing)
    assert Decimal("0.09025") == combined_rate(rates)
    assert list(MINNEAPOLIS) == [row.jurisdiction.jurisdiction_id for row in rates]


def test_a_local_jurisdiction_without_a_row_levies_nothing_in_a_complete_table() -> None:
    """Between its two rows a city of a complete rate file has no tax."""
    table = a_table({"US-MN": "0.06875"}, is_complete=True)
    rates = stack_rates(table, [STATE, COUNTY, CITY], DAY)
    assert not isinstance(rates, RateMissing)
    assert [STATE] == [row.jurisdiction for row in rates]


def test_a_gap_between_two_rows_of_a_city_levies_nothing() -> None:
    """City 20906: rows until 2022-09-30 and from 2023-10-01; 2023-01-15 lies between."""
    rows = a_parameter(a_value("0.005", "2018-01-01", "2022-10-01"), a_value("0.005", "2023-10-01"))
    table = RateTable("rate", "sst/", {"US-MN-P20906": rows}, is_complete=True)
    assert table.rate_on(CITY, date(2023, 1, 15)) is None
    assert isinstance(table.rate_on(CITY, date(2022, 9, 30)), DatedValue)
    assert isinstance(table.rate_on(CITY, date(2023, 10, 1)), DatedValue)


def test_a_missing_state_row_stops_even_in_a_complete_table() -> None:
    """A state that levies nothing would say so with a zero row."""
    missing = stack_rates(a_table({"US-MN-C053": "0.0015"}, is_complete=True), [STATE, COUNTY], DAY)
    assert isinstance(missing, RateMissing)
    assert "rate of US-MN" == missing.what


def test_a_missing_local_row_stops_in_any_other_table() -> None:
    """A table that somebody wrote by hand is not known to be complete."""
    missing = stack_rates(a_table({"US-MN": "0.06875"}), [STATE, COUNTY], DAY)
    assert isinstance(missing, RateMissing)
    assert "rate of US-MN-C053" == missing.what
    assert "parameters/us/rate.yaml" == missing.where


def test_a_table_ends_with_its_quarter() -> None:
    """The file of the second quarter may not tax a bill of July, although its rows are open."""
    table = a_table({"US-MN": "0.06875"}, is_complete=True, usable_until="2026-07-01")
    assert isinstance(table.rate_on(STATE, date(2026, 6, 30)), DatedValue)
    missing = table.rate_on(STATE, date(2026, 7, 1))
    assert isinstance(missing, RateMissing)
    assert "The table ends before 2026-07-01" == missing.known


def test_a_zero_rate_is_a_rate() -> None:
    """Wisconsin writes zero where a city levies nothing: a row of its own, not a missing one."""
    rate = a_table({"US-WI-P48000": "0"}).rate_on(areas("US-WI-P48000")[0], DAY)
    assert isinstance(rate, DatedValue)
    assert Decimal(0) == rate.value


def test_the_two_roundings_of_a_stack() -> None:
    """Example 9: 250.00 in Minneapolis is 22.56 in all, or 22.58 when each jurisdiction is rounded."""
    parts = [250 * Fraction(rate) for rate in MINNEAPOLIS_RATES.values()]
    assert Decimal("22.56") == sum(round_taxes(parts, Rounding.AGGREGATE))
    assert Decimal("22.58") == sum(round_taxes(parts, Rounding.PER_JURISDICTION))
