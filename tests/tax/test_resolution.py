"""From a service address to jurisdictions: a person first, then boundary files, then the county of the ZIP code."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.tax.pinned import PinnedResolutions
from pipeline.tax.place_names import PlaceNames
from pipeline.tax.resolution import ManualRow, Method, Resolution, Resolver, quarter_of
from pipeline.tax.zip_counties import CountyShare, ZipCounties
from rating.tax.boundary import Boundaries, BoundaryRecord, RecordType
from schemas.reference import ServiceAddress
from tests.rating.tax.bills import a_table, areas

DAY = date(2026, 5, 1)
NAMES = PlaceNames({"US-MN-P43000": "Minneapolis", "US-MN-C053": "Hennepin County", "US-IL-P14000": "Chicago"})
COUNTIES = ZipCounties(
    {
        "55401": [CountyShare("MN", "053", "MINNEAPOLIS", Decimal(1))],
        "60606": [
            CountyShare("IL", "031", "CHICAGO", Decimal("0.98")),
            CountyShare("IL", "043", "CHICAGO", Decimal("0.02")),
        ],
    }
)


def an_address(**changes: object) -> ServiceAddress:
    """A service address in Minneapolis."""
    fields = {
        "address_id": "office", "account_id": "acme", "effective_from": datetime(2026, 1, 1, tzinfo=UTC),
        "street": "200 Example Avenue", "city": "Minneapolis", "region": "MN", "post_code": "55401-0050",
        "country": "US",
    }  # fmt: skip
    return ServiceAddress.model_validate(fields | changes)


def a_boundary(low: str, high: str, *names: str, line: int = 1) -> BoundaryRecord:
    """A ZIP+4 record for ever."""
    return BoundaryRecord(
        RecordType.ZIP4, date(2000, 1, 1), None, low[:5], high[:5], areas(*names), low[6:], high[6:], line=line
    )


def a_resolver(*records: BoundaryRecord, manual: tuple[ManualRow, ...] = ()) -> Resolver:
    """Boundaries of Minnesota where records are given, the counties of two ZIP codes, three names."""
    boundaries = {"MN": Boundaries(records)} if records else {}
    rates = a_table({"US-MN": "0.06875", "US-MN-C053": "0.0015", "US-MN-C123": "0.005"}, is_complete=True)
    return Resolver(manual, boundaries, {"US-MN": rates}, COUNTIES, NAMES)


def resolve(resolver: Resolver, address: ServiceAddress, day: date = DAY) -> Resolution:
    """The resolution of an address that has one."""
    found = resolver.resolve(address, day)
    assert found is not None
    return found


def names_of(resolution: Resolution) -> list[str]:
    """Names of its jurisdictions."""
    return [area.jurisdiction_id for area in resolution.jurisdictions]


DECISION = ManualRow(
    address="office", jurisdictions=("US-MN-D80008", "US-MN", "US-MN-C123"), effective_from=date(2026, 5, 1),
    effective_until=date(2026, 6, 1), author="kim", reason="lease shows Ramsey",
)  # fmt: skip
HENNEPIN = a_boundary("55401-0001", "55401-0099", "US-MN", "US-MN-C053", line=7)


def test_a_boundary_record_names_its_line() -> None:
    """Method, range and line of the file are the evidence; the answer holds for the quarter."""
    found = resolve(a_resolver(HENNEPIN), an_address())
    assert (Method.ZIP4, ["US-MN", "US-MN-C053"]) == (found.method, names_of(found))
    assert "boundary file of MN, line 7: 55401-0001 to 55401-0099" == found.evidence
    assert (date(2026, 4, 1), date(2026, 7, 1)) == (found.valid_from, found.valid_until)
    assert (False, False, True) == (found.is_designated, found.needs_review, found.is_billable)


def test_the_cheapest_of_several_records_is_designated() -> None:
    """Ramsey at 0.5 % and Hennepin at 0.15 % cover the same code: Hennepin, and the choice shows."""
    ramsey = a_boundary("55401-0001", "55401-0099", "US-MN", "US-MN-C123", line=1)
    found = resolve(a_resolver(ramsey, HENNEPIN), an_address())
    assert (["US-MN", "US-MN-C053"], True) == (names_of(found), found.is_designated)


def test_a_persons_decision_comes_first_while_it_lasts() -> None:
    """From 1 May to 1 June the decision, by level; before and after the boundary file."""
    resolver = a_resolver(HENNEPIN, manual=(DECISION,))
    found = resolve(resolver, an_address())
    assert (Method.MANUAL, ["US-MN", "US-MN-C123", "US-MN-D80008"]) == (found.method, names_of(found))
    assert "decided by kim: lease shows Ramsey" == found.evidence
    assert (date(2026, 5, 1), date(2026, 6, 1)) == (found.valid_from, found.valid_until)
    assert [Method.ZIP4, Method.ZIP4] == [
        resolve(resolver, an_address(), day).method for day in (date(2026, 4, 30), date(2026, 6, 1))
    ]


@pytest.mark.parametrize(
    ("address_id", "version", "is_covered"), [("office", 2, True), ("office", 1, False), ("other", 2, False)]
)
def test_a_decision_may_be_for_one_version(address_id: str, version: int, *, is_covered: bool) -> None:
    """The text of an address may change; the decision then speaks of the text it was made for."""
    row = DECISION.model_copy(update={"version": 2})
    assert is_covered is row.covers(an_address(address_id=address_id, version=version), DAY)


def test_the_county_of_the_zip_code_is_not_enough_in_a_streamlined_state() -> None:
    """Minnesota has districts: the county is evidence, and the bill stops until somebody decides."""
    resolver = a_resolver()
    found = resolve(resolver, an_address())
    assert (Method.HUD_MAX_SHARE, ["US-MN", "US-MN-C053", "US-MN-P43000"]) == (found.method, names_of(found))
    assert (True, False) == (found.needs_review, found.is_billable)
    place = resolver.primary_use(an_address(), found)
    assert () == place.jurisdictions
    assert "county 053 holds 1 of ZIP 55401 (HUD-USPS crosswalk); districts unknown" == place.evidence


def test_the_greatest_county_of_another_state_is_designated_below_99_percent() -> None:
    """Chicago: 98 % of the business addresses lie in Cook County; the city is found by name."""
    resolver = a_resolver()
    address = an_address(city="CHICAGO", region="IL", post_code="60606")
    found = resolve(resolver, address)
    assert ["US-IL", "US-IL-C031", "US-IL-P14000"] == names_of(found)
    assert (Decimal("0.98"), True, True) == (found.share, found.is_designated, found.is_billable)
    place = resolver.primary_use(address, found)
    assert ("IL", "Chicago") == (place.state, place.jurisdictions[2].name)


@pytest.mark.parametrize(
    "changes",
    [{"post_code": "55499"}, {"post_code": None}, {"region": None}, {"region": "XX"}, {"region": "WI"}],
)
def test_nothing_is_guessed(changes: dict[str, object]) -> None:
    """An unknown ZIP code, no ZIP code, no state, or a ZIP code of another state has no resolution."""
    resolver = a_resolver()
    address = an_address(**changes)
    assert resolver.resolve(address, DAY) is None
    assert () == resolver.primary_use(address, None).jurisdictions


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_a_quarter_holds_its_day(day: date) -> None:
    """Three months, half-open, beginning in January, April, July or October."""
    start, end = quarter_of(day)
    assert start <= day < end
    assert (1, 1, 0) == (start.day, end.day, (start.month - 1) % 3)
    assert 3 == (end.year - start.year) * 12 + end.month - start.month


def test_pinned_answers_come_back_equal(tmp_path: Path) -> None:
    """Every field survives the file, in a new process too."""
    resolver = a_resolver()
    found = [resolve(resolver, an_address()), resolve(resolver, an_address(region="IL", post_code="60606", version=2))]
    assert 2 == PinnedResolutions(tmp_path / "own" / "resolved.jsonl").pin(found)
    again = PinnedResolutions(tmp_path / "own" / "resolved.jsonl")
    assert found[0]._replace(jurisdictions=areas("US-MN", "US-MN-C053", "US-MN-P43000")) == again.find("office", 1, DAY)
    assert names_of(found[1]) == names_of(again.find("office", 2, DAY) or found[0])


def test_a_pinned_answer_is_never_replaced(tmp_path: Path) -> None:
    """The first one wins; the next quarter is open."""
    pinned = PinnedResolutions(tmp_path / "resolved.jsonl")
    first = resolve(a_resolver(HENNEPIN), an_address())
    second = resolve(a_resolver(manual=(DECISION,)), an_address())
    assert 1 == pinned.pin([first])
    assert 0 == pinned.pin([first])
    assert 0 == pinned.pin([second])
    assert first == pinned.find("office", 1, DAY)
    assert pinned.find("office", 1, date(2026, 7, 1)) is None
    assert pinned.find("office", 2, DAY) is None
    assert 1 == len((tmp_path / "resolved.jsonl").read_text().splitlines())


def test_pinning_nothing_writes_nothing(tmp_path: Path) -> None:
    """No file appears."""
    assert 0 == PinnedResolutions(tmp_path / "resolved.jsonl").pin([])
    assert not (tmp_path / "resolved.jsonl").exists()
