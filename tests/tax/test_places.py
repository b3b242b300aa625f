"""Postal addresses, counties of ZIP codes, names of jurisdictions."""

from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.tax.place_names import TAXLOCUS, PlaceNames
from pipeline.tax.postal import WrittenAddress, read_address, street_address
from pipeline.tax.problems import TaxDataError
from pipeline.tax.zip_counties import CountyShare, ZipCounties, load_zip_counties, packaged_file
from rating.tax.boundary import StreetAddress
from tests.rating.tax.bills import areas
from tests.tax.public_data import public_file


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 Main St, Madison, WI 53703", WrittenAddress("1 Main St", "Madison", "WI", "53703")),
        ("1 Main St, No 9, Madison, wi 53703-1234", WrittenAddress("1 Main St, No 9", "Madison", "WI", "53703-1234")),
        ("Madison, WI 53703", WrittenAddress("", "Madison", "WI", "53703")),
    ],
)  # fmt: skip
def test_an_address_in_one_line(text: str, expected: WrittenAddress) -> None:
    """Street, city, state and ZIP code, with commas between."""
    assert expected == read_address(text)


@pytest.mark.parametrize("text", ["Madison", "1 Main St, Madison", "1 Main St Madison WI 53703", "Madison, WI 5370"])
def test_what_is_no_address(text: str) -> None:
    """The message shows a good one."""
    with pytest.raises(ValueError, match="Write street, city, state and ZIP: 1 Main St, Madison, WI 53703"):
        read_address(text)


@pytest.mark.parametrize(
    ("street", "post_code", "expected"),
    [
        ("200 North Main Street", "55401-1234", StreetAddress("55401", "1234", 200, "N", "MAIN", "ST", "")),
        ("200 n. main st., Suite 4", "554011234", StreetAddress("55401", "1234", 200, "N", "MAIN", "ST", "")),
        ("12B 2nd Avenue South", "55401", StreetAddress("55401", None, 12, "", "2ND", "AVE", "S")),
        ("77 North Street", "55401", StreetAddress("55401", None, 77, "N", "STREET", "", "")),
        ("Specimen Plaza", "55401", StreetAddress("55401", None, None, "", "SPECIMEN", "PLZ", "")),
        ("Broadway", "55401", StreetAddress("55401", None, None, "", "BROADWAY", "", "")),
        ("5 Martin Luther King Junior Boulevard", "55401",
         StreetAddress("55401", None, 5, "", "MARTIN LUTHER KING J", "BLVD", "")),
        ("", "55401", StreetAddress("55401")),
    ],
)  # fmt: skip
def test_the_parts_that_boundary_files_compare(street: str, post_code: str, expected: StreetAddress) -> None:
    """Upper case, standard abbreviations, at most twenty letters of the name."""
    assert expected == street_address(street, post_code)


@pytest.mark.parametrize("post_code", ["5540", "ABCDE", "55401-12", ""])
def test_what_is_no_zip_code(post_code: str) -> None:
    """Five or nine digits."""
    with pytest.raises(ValueError, match="Write 55401 or 55401-1234"):
        street_address("1 Main St", post_code)


HEADING = ",ZIP,COUNTY,USPS_ZIP_PREF_CITY,USPS_ZIP_PREF_STATE,RES_RATIO,BUS_RATIO,OTH_RATIO,TOT_RATIO"


def counties_of(folder: Path, *rows: str) -> ZipCounties:
    """A crosswalk of these rows."""
    path = folder / "zip_county.csv"
    path.write_text("\n".join([HEADING, *rows]))
    return load_zip_counties(path)


def test_the_county_with_the_greatest_business_share(tmp_path: Path) -> None:
    """Business addresses decide for a business; county codes get their zeros back."""
    counties = counties_of(
        tmp_path,
        "0,90001,6037,LOS ANGELES,CA,0.1,0.6000000000000001,0,0.2",
        "1,90001,6059,LOS ANGELES,CA,0.9,0.3999999999999999,0,0.8",
    )
    found = counties.counties("90001", "CA")
    assert CountyShare("CA", "037", "LOS ANGELES", Decimal("0.6000000000000001")) == found[0]
    assert ["037", "059"] == [share.county for share in found]
    assert not found[0].is_confident


def test_a_zip_code_without_business_uses_all_addresses(tmp_path: Path) -> None:
    """Then, and only then, the total decides: a county without business never beats one with it."""
    none = ("0,50001,19001,X,IA,0.3,0.0,0,0.3", "1,50001,19003,X,IA,0.7,0.0,0,0.7")
    some = ("2,50002,19001,X,IA,0.9,0.0,0,0.9", "3,50002,19003,X,IA,0.1,1.0,0,0.1")
    counties = counties_of(tmp_path, *none, *some)
    assert "003" == counties.counties("50001", "IA")[0].county
    assert "003" == counties.counties("50002", "IA")[0].county


def test_a_zip_code_in_two_states_gives_only_the_counties_of_the_state_asked_for(tmp_path: Path) -> None:
    """42223 lies in Kentucky and Tennessee; the address says which."""
    counties = counties_of(
        tmp_path, "0,42223,21047,FORT CAMPBELL,KY,0.2,0.46,0,0.3", "1,42223,47125,FORT CAMPBELL,KY,0.7,0.54,0,0.7"
    )
    assert ["047"] == [share.county for share in counties.counties("42223", "KY")]
    assert ["125"] == [share.county for share in counties.counties("42223", "TN")]


def test_a_state_code_is_no_county(tmp_path: Path) -> None:
    """96799 has only the code of American Samoa."""
    assert [] == counties_of(tmp_path, "0,96799,60,PAGO PAGO,AS,0,0,1,1").counties("96799", "AS")


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    """The missing columns are named."""
    path = tmp_path / "zip_county.csv"
    path.write_text("ZIP,COUNTY\n")
    with pytest.raises(TaxDataError, match="found no column BUS_RATIO, TOT_RATIO, USPS_ZIP_PREF_CITY"):
        load_zip_counties(path)


def test_the_packaged_crosswalk_is_that_of_the_public_data() -> None:
    """The wheel's file, read without importing the package, equals the public one."""
    packaged = packaged_file()
    assert packaged is not None
    assert public_file("ZIP_COUNTY_122025.csv").read_bytes() == packaged.read_bytes()


def test_counts_of_the_whole_crosswalk() -> None:
    """Hartford lies in a planning region of Connecticut; Minneapolis wholly in Hennepin."""
    counties = load_zip_counties(public_file("ZIP_COUNTY_122025.csv"))
    assert ["110"] == [share.county for share in counties.counties("06103", "CT")]
    assert [("053", True)] == [(share.county, share.is_confident) for share in counties.counties("55401", "MN")]


PLACES = """
description: names
citation: test
places:
  - {jurisdiction: US-MN-P43000, name: Minneapolis}
  - {jurisdiction: US-KS-P47075, name: Minneapolis}
  - {jurisdiction: US-MN-C053, name: Hennepin County}
"""


@pytest.fixture
def own_names(tmp_path: Path) -> Path:
    """A file of names."""
    path = tmp_path / "places.yaml"
    path.write_text(PLACES)
    return path


def test_jurisdictions_get_their_names(own_names: Path) -> None:
    """A code without a name stays a code."""
    names = PlaceNames.load(own_names)
    assert ["Hennepin County", "US-MN-C999"] == [names.named(area).name for area in areas("US-MN-C053", "US-MN-C999")]


def test_a_city_is_found_by_its_name_within_its_state(own_names: Path) -> None:
    """Whatever the case; a county is no city; an unknown name finds nothing."""
    names = PlaceNames.load(own_names)
    city = names.city("MN", "MINNEAPOLIS")
    assert city is not None
    assert "US-MN-P43000" == city.jurisdiction_id
    assert names.city("MN", "Hennepin County") is None
    assert names.city("WI", "Minneapolis") is None


def test_two_cities_of_one_name_are_no_answer(own_names: Path) -> None:
    """Nothing is guessed."""
    own_names.write_text(PLACES + "  - {jurisdiction: US-MN-P00001, name: minneapolis}\n")
    assert PlaceNames.load(own_names).city("MN", "Minneapolis") is None


def test_names_of_a_taxlocus_file_are_attributed(own_names: Path, tmp_path: Path) -> None:
    """Own names win, rows without a code are left out, and the source is named."""
    taxlocus = tmp_path / "taxlocus.csv"
    taxlocus.write_text(
        "state,jurisdiction_type,name,fips_code,rate\n"
        "MN,city,St. Paul,58000,0.015\nMN,city,Mpls,43000,0.005\nTX,city,Austin,,0.01\nMN,transit,Rail,001,0.1\n"
    )
    names = PlaceNames.load(own_names, taxlocus)
    assert {"US-MN-P58000": "St. Paul", "US-MN-P43000": "Minneapolis"}.items() <= names.names.items()
    assert 4 == len(names.names)
    assert ("test", TAXLOCUS) == names.sources


def test_the_whole_taxlocus_file_can_be_read(own_names: Path) -> None:
    """It names Atlanta."""
    names = PlaceNames.load(own_names, public_file("taxlocus/jurisdiction_rates.csv"))
    assert "Atlanta" == names.names["US-GA-P04000"]
