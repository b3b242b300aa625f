"""Names of places and counties of ZIP codes from small files: what wins, what is left out, what is no answer."""

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.tax.place_names import TAXLOCUS, PlaceNames
from pipeline.tax.problems import TaxDataError
from pipeline.tax.zip_counties import CountyShare, ZipCounties, load_zip_counties
from rating.tax.jurisdictions import STATE_FIPS, Jurisdiction
from rating.tax.terms import Level
from tests.rating.tax.bills import areas

NAMES = PlaceNames(
    {
        "US-MN": "Minnesota", "US-MN-P43000": "Minneapolis", "US-MN-P58000": "St. Paul",
        "US-MN-C053": "Hennepin County",
        "US-WI-P48000": "Madison", "US-SD-P39980": "Madison", "US-MN-D80004": "Hennepin County Transit",
        "US-MN-P1": "Franklin", "US-MN-P2": "FRANKLIN", "US-M-P1": "Nowhere",
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("state", "name", "expected"),
    [
        ("MN", "Minneapolis", "US-MN-P43000"),
        ("MN", "MINNEAPOLIS", "US-MN-P43000"),
        ("MN", " minneapolis ", "US-MN-P43000"),
        ("MN", "St. Paul", "US-MN-P58000"),
        ("MN", "St Paul", None),
        ("MN", "Minneapolis City", None),
        ("MN", "", None),
        ("WI", "Madison", "US-WI-P48000"),
        ("SD", "Madison", "US-SD-P39980"),
        ("MN", "Madison", None),
        ("MN", "Hennepin County", None),
        ("MN", "Hennepin County Transit", None),
        ("MN", "Minnesota", None),
        ("MN", "Franklin", None),
        ("M", "Nowhere", "US-M-P1"),
        ("M", "Minneapolis", None),
    ],
)
def test_the_city_of_a_name(state: str, name: str, expected: str | None) -> None:
    """Exactly that name in exactly that state; two of one name, a county, a district or a state are no city."""
    found = NAMES.city(state, name)
    assert expected == (found and found.jurisdiction_id)
    assert found is None or (Level.CITY, NAMES.names[found.jurisdiction_id]) == (found.level, found.name)


@pytest.mark.parametrize(
    ("place", "expected"),
    [("US-MN-P43000", "Minneapolis"), ("US-MN", "Minnesota"), ("US-MN-P99999", "US-MN-P99999"), ("US", "US")],
)
def test_a_place_is_shown_by_its_name(place: str, expected: str) -> None:
    """Else by its code; code and level never change."""
    (area,) = areas(place)
    assert Jurisdiction(area.jurisdiction_id, area.level, expected) == NAMES.named(area)


OWN = "description: names\ncitation: the test\nplaces:\n  - {jurisdiction: US-MN-P43000, name: Minneapolis}\n"


def loaded(folder: Path, *rows: str) -> PlaceNames:
    """One own name, and a TaxLocus file of these rows."""
    (folder / "places.yaml").write_text(OWN)
    heading = "state,jurisdiction_type,name,fips_code"
    (folder / "taxlocus.csv").write_text("\n".join([heading, *rows]), encoding="utf-8-sig")
    return PlaceNames.load(folder / "places.yaml", folder / "taxlocus.csv")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("GA,city,Atlanta,04000", {"US-GA-P04000": "Atlanta"}),
        ("GA,county,Fulton,121", {"US-GA-C121": "Fulton"}),
        ("TX,special_district,Austin MTA,80001", {"US-TX-D80001": "Austin MTA"}),
        ('IL,city,"Chicago, City of",14000', {"US-IL-P14000": "Chicago, City of"}),
        ("NM,city,Do\u00f1a Ana,20000", {"US-NM-P20000": "Do\u00f1a Ana"}),
        ("GA,city,Atlanta,", {}),
        ("GA,state,Georgia,13", {}),
        ("MN,city,Mpls,43000", {}),
    ],
)
def test_names_of_a_further_file(tmp_path: Path, row: str, expected: dict[str, str]) -> None:
    """Counties, cities and districts with a code; own names win; the file is attributed."""
    names = loaded(tmp_path, row)
    assert {"US-MN-P43000": "Minneapolis"} | expected == names.names
    assert ("the test", TAXLOCUS) == names.sources


def test_own_names_need_their_source(tmp_path: Path) -> None:
    """A list of names without a citation is refused."""
    (tmp_path / "places.yaml").write_text(OWN.replace("citation: the test\n", ""))
    with pytest.raises(TaxDataError, match=r"places\.yaml:1: found no citation"):
        PlaceNames.load(tmp_path / "places.yaml")


HEADING = "ZIP,COUNTY,USPS_ZIP_PREF_CITY,BUS_RATIO,TOT_RATIO"


def crosswalk(folder: Path, *rows: str) -> ZipCounties:
    """The counties of a file of these rows."""
    (folder / "zip_county.csv").write_text("\n".join([HEADING, *rows]))
    return load_zip_counties(folder / "zip_county.csv")


@pytest.mark.parametrize(
    ("row", "zip5", "expected"),
    [
        ("55401,27053,MINNEAPOLIS,1.0,1.0", "55401", ("MN", "053", "MINNEAPOLIS")),
        # Zeros at the front are lost in the file, of county and ZIP code alike.
        ("90001,6037,LOS ANGELES,1.0,1.0", "90001", ("CA", "037", "LOS ANGELES")),
        ("2108,25025,BOSTON,1.0,1.0", "02108", ("MA", "025", "BOSTON")),
        ("501,36103,HOLTSVILLE,1.0,1.0", "00501", ("NY", "103", "HOLTSVILLE")),
        # Connecticut counts by planning regions; a territory by its own codes.
        ("6103,9110,HARTFORD,1.0,1.0", "06103", ("CT", "110", "HARTFORD")),
        ("901,72127,SAN JUAN,1.0,1.0", "00901", ("PR", "127", "SAN JUAN")),
    ],
)
def test_a_row_of_the_crosswalk(tmp_path: Path, row: str, zip5: str, expected: tuple[str, str, str]) -> None:
    """State by its FIPS code, county in three digits, city as the postal service writes it."""
    (found,) = crosswalk(tmp_path, row).counties(zip5, expected[0])
    assert expected == (found.state, found.county, found.city)
    assert found.is_confident


@pytest.mark.parametrize(("share", "is_confident"), [("1", True), ("0.99", True), ("0.989999", False), ("0", False)])
def test_nearly_all_addresses_make_a_county_certain(share: str, *, is_confident: bool) -> None:
    """99 percent or more; below, one county was designated (4 USC 120)."""
    assert is_confident is CountyShare("MN", "053", "MINNEAPOLIS", Decimal(share)).is_confident


@pytest.mark.parametrize(("zip5", "state"), [("55402", "MN"), ("55401", "WI"), ("5540", "MN"), ("", "")])
def test_what_is_not_in_the_crosswalk_has_no_county(tmp_path: Path, zip5: str, state: str) -> None:
    """Nothing is guessed from a neighbour."""
    assert [] == crosswalk(tmp_path, "55401,27053,MINNEAPOLIS,1.0,1.0").counties(zip5, state)


@given(st.lists(st.tuples(st.integers(0, 999), st.decimals(0, 1, places=3)), max_size=8, unique_by=lambda row: row[0]))
def test_the_greatest_share_comes_first(rows: list[tuple[int, Decimal]]) -> None:
    """Then the next; ties by code, whatever the order of the file."""
    shares = [CountyShare("MN", f"{county:03}", "X", share) for county, share in rows]
    found = ZipCounties({"55401": shares}).counties("55401", "MN")
    assert found == ZipCounties({"55401": shares[::-1]}).counties("55401", "MN")
    assert sorted(found, key=lambda row: row.county) == sorted(shares, key=lambda row: row.county)
    for before, after in pairwise(found):
        assert (-before.share, before.county) < (-after.share, after.county)


def test_every_state_has_one_code() -> None:
    """50 states, DC and five territories, and no code twice."""
    assert 50 + 1 + 5 == len(STATE_FIPS) == len(set(STATE_FIPS.values()))
    assert {"27": "MN", "55": "WI", "06": "CA", "11": "DC", "36": "NY", "48": "TX", "72": "PR"}.items() <= (
        STATE_FIPS.items()
    )
