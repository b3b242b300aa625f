"""The match order of boundary records: address, ZIP+4, ZIP code."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from rating.tax.boundary import (
    Boundaries,
    BoundaryMatch,
    BoundaryRecord,
    Parity,
    RecordType,
    StreetAddress,
    StreetRange,
)
from rating.tax.jurisdictions import Jurisdiction
from tests.rating.tax.bills import MINNEAPOLIS_RATES, areas

DAY = date(2026, 5, 1)
STATE = areas("US-MN")
HENNEPIN = areas("US-MN", "US-MN-C053")
MINNEAPOLIS = areas("US-MN", "US-MN-C053", "US-MN-P43000")
MAIN_STREET = StreetRange(100, 198, Parity.EVEN, "N", "MAIN", "ST", "")


def a_record(
    record_type: RecordType, low: str, high: str, jurisdictions: tuple[Jurisdiction, ...], line: int = 1
) -> BoundaryRecord:
    """A record for ever; bounds such as 55401 or 55401-0001."""
    zip_low, _, plus4_low = low.partition("-")
    zip_high, _, plus4_high = high.partition("-")
    return BoundaryRecord(
        record_type, date(2000, 1, 1), None, zip_low, zip_high, jurisdictions, plus4_low, plus4_high, line=line
    )


def a_street_record(zip5: str, streets: StreetRange, jurisdictions: tuple[Jurisdiction, ...]) -> BoundaryRecord:
    """A record of type A."""
    return a_record(RecordType.ADDRESS, zip5, zip5, jurisdictions)._replace(streets=streets)


def rate_of(jurisdictions: Sequence[Jurisdiction]) -> Decimal:
    """Combined rate of a stack in Minneapolis."""
    return sum((Decimal(MINNEAPOLIS_RATES[area.jurisdiction_id]) for area in jurisdictions), Decimal(0))


def match(records: list[BoundaryRecord], address: StreetAddress, day: date = DAY) -> BoundaryMatch | None:
    """The record that decides."""
    return Boundaries(records).match(address, day, rate_of)


RECORDS = [
    a_record(RecordType.ZIP5, "55401", "55405", STATE),
    a_record(RecordType.ZIP4, "55401-0001", "55401-0099", HENNEPIN),
    a_street_record("55401", MAIN_STREET, MINNEAPOLIS),
]
HOUSE = StreetAddress("55401", "0050", 102, "N", "MAIN", "ST")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (HOUSE, MINNEAPOLIS),
        (HOUSE._replace(number=103), HENNEPIN),
        (HOUSE._replace(number=200), HENNEPIN),
        (HOUSE._replace(pre_direction="S"), HENNEPIN),
        (HOUSE._replace(number=None), HENNEPIN),
        (HOUSE._replace(number=103, plus4="0100"), STATE),
        (HOUSE._replace(number=103, plus4=None), STATE),
        (StreetAddress("55405"), STATE),
    ],
)
def test_the_closest_record_decides(address: StreetAddress, expected: tuple[Jurisdiction, ...]) -> None:
    """House number first, with its side of the street; then ZIP+4; then the ZIP code."""
    found = match(RECORDS, address)
    assert found is not None
    assert expected == found.record.jurisdictions


def test_an_unknown_zip_code_has_no_record() -> None:
    """Nothing is guessed."""
    assert match(RECORDS, StreetAddress("55406")) is None


@pytest.mark.parametrize(
    ("parity", "number", "is_inside"),
    [
        (Parity.ODD, 101, True), (Parity.ODD, 102, False), (Parity.EVEN, 101, False), (Parity.EVEN, 102, True),
        (Parity.BOTH, 101, True), (Parity.BOTH, 102, True), (Parity.BOTH, 99, False), (Parity.BOTH, 198, True),
    ],
)  # fmt: skip
def test_a_range_of_house_numbers_has_a_side(parity: Parity, number: int, *, is_inside: bool) -> None:
    """Odd, even or both, bounds included."""
    assert is_inside is MAIN_STREET._replace(parity=parity).contains(HOUSE._replace(number=number))


def test_records_are_in_force_over_half_open_days() -> None:
    """The first day counts, the day of the end does not."""
    record = RECORDS[0]._replace(effective_from=date(2018, 1, 1), effective_until=date(2019, 4, 1))
    assert match([record], StreetAddress("55401"), date(2017, 12, 31)) is None
    assert match([record], StreetAddress("55401"), date(2018, 1, 1)) is not None
    assert match([record], StreetAddress("55401"), date(2019, 3, 31)) is not None
    assert match([record], StreetAddress("55401"), date(2019, 4, 1)) is None


def test_the_lowest_combined_rate_wins_in_a_zip_code_of_several() -> None:
    """SSUTA 305: three combinations in one ZIP code, the state alone is the cheapest, and the choice is marked."""
    records = [
        a_record(RecordType.ZIP5, "55401", "55401", MINNEAPOLIS, line=1),
        a_record(RecordType.ZIP5, "55401", "55401", STATE, line=2),
        a_record(RecordType.ZIP5, "55401", "55401", HENNEPIN, line=3),
    ]
    found = match(records, StreetAddress("55401"))
    assert found is not None
    assert (STATE, True) == (found.record.jurisdictions, found.is_designated)


def test_records_that_agree_need_no_choice() -> None:
    """Two records with the same jurisdictions are no designation; the earlier line is named."""
    records = [a_record(RecordType.ZIP5, "55401", "55401", STATE, line=line) for line in (7, 3)]
    found = match(records, StreetAddress("55401"))
    assert found is not None
    assert (3, False) == (found.record.line, found.is_designated)


@pytest.mark.parametrize(
    ("zip5", "plus4", "is_inside"),
    [("55012", "0010", False), ("55012", "0011", True), ("55013", "0001", True), ("55013", "9999", True)],
)
def test_a_range_across_zip_codes_compares_nine_digits(zip5: str, plus4: str, *, is_inside: bool) -> None:
    """55012-0011 to 55013-9999 holds 55013-0001; the match is marked for review."""
    found = match([a_record(RecordType.ZIP4, "55012-0011", "55013-9999", STATE)], StreetAddress(zip5, plus4))
    assert is_inside is (found is not None)
    assert found is None or found.needs_review
