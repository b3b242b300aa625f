"""Boundary records against a walk over all of them: order of types, half-open days, lowest rate, designation."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from tests.rating.tax.bills import areas

DAY = date(2026, 5, 1)
STACKS = [areas("US-MN"), areas("US-MN", "US-MN-C037"), areas("US-MN", "US-MN-C123", "US-MN-P58000")]
RATES = {"US-MN": "0.06875", "US-MN-C037": "0.0025", "US-MN-C123": "0.005", "US-MN-P58000": "0.015"}


def rate_of(jurisdictions: tuple[Jurisdiction, ...]) -> Decimal:
    """The combined rate of a stack."""
    return sum((Decimal(RATES[area.jurisdiction_id]) for area in jurisdictions), Decimal(0))


def walked(records: list[BoundaryRecord], address: StreetAddress, day: date) -> BoundaryMatch | None:
    """The record that decides, found by asking every record: closest type, then lowest rate, then first line."""
    found = [
        (list(RecordType).index(record.record_type), rate_of(record.jurisdictions), record.line, record)
        for record in records
        if record.covers(address) and record.zip_low <= address.zip5 <= record.zip_high
        and record.effective_from <= day and (record.effective_until is None or day < record.effective_until)
    ]  # fmt: skip
    if not found:
        return None
    kind, *_, best = min(found, key=lambda row: row[:3])
    stacks = {record.jurisdictions for number, _, _, record in found if number == kind}
    return BoundaryMatch(best, len(stacks) > 1, best.crosses_zip_codes)


ZIPS = st.integers(55401, 55404)
EXTENSIONS = st.integers(0, 5).map(lambda number: f"{number * 1000:04}")


@st.composite
def records(draw: st.DrawFn) -> BoundaryRecord:
    """A record of any type over a few ZIP codes, house numbers and days around the day of the test."""
    low, high = sorted((draw(ZIPS), draw(ZIPS)))
    extensions = sorted((draw(EXTENSIONS), draw(EXTENSIONS)))
    numbers = sorted((draw(st.integers(1, 9)), draw(st.integers(1, 9))))
    start = DAY + timedelta(days=draw(st.integers(-3, 1)))
    length = draw(st.none() | st.integers(1, 5))
    return BoundaryRecord(
        draw(st.sampled_from(RecordType)), start, None if length is None else start + timedelta(days=length),
        str(low), str(high), draw(st.sampled_from(STACKS)), *extensions,
        StreetRange(*numbers, draw(st.sampled_from(Parity)), "", "MAIN", "ST", ""),
    )  # fmt: skip


ADDRESSES = st.builds(
    StreetAddress,
    ZIPS.map(str),
    st.none() | EXTENSIONS,
    st.none() | st.integers(1, 9),
    st.just(""),
    st.sampled_from(["MAIN", "ELM"]),
    st.just("ST"),
    st.just(""),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(records(), max_size=8), ADDRESSES)
def test_the_index_finds_what_a_walk_finds(found: list[BoundaryRecord], address: StreetAddress) -> None:
    """Records by ZIP code decide as all records together do."""
    numbered = [record._replace(line=line) for line, record in enumerate(found)]
    assert walked(numbered, address, DAY) == Boundaries(numbered).match(address, DAY, rate_of)


@settings(max_examples=40, deadline=None)
@given(st.lists(records(), min_size=1, max_size=6).flatmap(st.permutations), ADDRESSES)
def test_the_order_of_records_decides_nothing(found: list[BoundaryRecord], address: StreetAddress) -> None:
    """A file that is sorted another way gives the same jurisdictions."""
    one = Boundaries(found).match(address, DAY, rate_of)
    other = Boundaries(reversed(found)).match(address, DAY, rate_of)
    assert (one is None) is (other is None)
    if one is not None and other is not None:
        assert rate_of(one.record.jurisdictions) == rate_of(other.record.jurisdictions)
        assert one.is_designated is other.is_designated


@pytest.mark.parametrize(
    ("record_type", "low", "high", "crosses"),
    [("4", "55012", "55013", True), ("4", "55012", "55012", False), ("Z", "55012", "55013", False),
     ("A", "55012", "55013", False)],
)  # fmt: skip
def test_what_needs_a_look(record_type: str, low: str, high: str, *, crosses: bool) -> None:
    """Only a range of ZIP+4 codes that runs across ZIP codes."""
    record = BoundaryRecord(RecordType(record_type), DAY, None, low, high, STACKS[0], "0001", "9999")
    assert crosses is record.crosses_zip_codes


@pytest.mark.parametrize(
    ("changes", "is_inside"),
    [
        ({}, True),
        ({"number": None}, False),
        ({"number": 99}, False),
        ({"number": 100}, True),
        ({"number": 198}, True),
        ({"number": 199}, False),
        ({"number": 101}, False),
        ({"pre_direction": ""}, False),
        ({"street": "MAINE"}, False),
        ({"suffix": "AVE"}, False),
        ({"post_direction": "S"}, False),
        ({"zip5": "99999", "plus4": "0001"}, True),
    ],
)
def test_a_house_stands_in_a_range(changes: dict[str, object], *, is_inside: bool) -> None:
    """Even numbers of 100 to 198 North Main Street: number, side, and every part of the name."""
    house = StreetAddress("55401", None, 150, "N", "MAIN", "ST", "")
    even = StreetRange(100, 198, Parity.EVEN, "N", "MAIN", "ST", "")
    assert is_inside is even.contains(house._replace(**changes))  # type: ignore[arg-type]
