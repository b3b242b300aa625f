"""Files of Streamlined states: names, dates, rates and boundaries, and the traps of real files."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import pytest

from pipeline.tax.law_files import load_corrections, load_sst_tables
from pipeline.tax.problems import TaxDataError
from pipeline.tax.sst_boundaries import COLUMNS, load_sst_boundaries
from pipeline.tax.sst_files import day_after, sst_name
from pipeline.tax.sst_rates import Correction, load_sst_rates
from rating.tax.boundary import Boundaries, RecordType, StreetAddress
from rating.tax.jurisdictions import Jurisdiction
from rating.tax.parameters import DatedValue, RateMissing
from rating.tax.stacks import RateTable
from tests.rating.tax.bills import areas
from tests.tax.public_data import public_file

STATE, COUNTY, CITY = areas("US-MN", "US-MN-C053", "US-MN-P43000")
STATE_ROW = "27,45,27,0.06875,0.06875,0,0,20090701,29991231"
CITY_ROW = "27,01,43000,0.0050,0.0050,0.0050,0.0050,20051001,29991231"


def a_rate_file(folder: Path, *rows: str, name: str = "MNR2026Q2FEB18.csv") -> Path:
    """A rate file of these rows."""
    path = folder / name
    path.write_text("\n".join(rows))
    return path


def rate(table: RateTable, area: Jurisdiction, day: str) -> str | None:
    """The rate of a day as written, None where nothing is levied."""
    found = table.rate_on(area, date.fromisoformat(day))
    assert not isinstance(found, RateMissing), found
    return None if found is None else str(found.value)


@pytest.mark.parametrize(
    ("name", "state", "end"),
    [
        ("MNR2026Q2FEB18.csv", "MN", date(2026, 7, 1)),
        ("WIR2026Q4NOV1.zip", "WI", date(2027, 1, 1)),
        ("MNB2026Q1FEB18-sample.csv", "MN", date(2026, 4, 1)),
    ],
)
def test_a_name_says_state_and_quarter(name: str, state: str, end: date) -> None:
    """The table may be used until the quarter ends."""
    assert (state, end) == (sst_name(Path(name)).state, sst_name(Path(name)).quarter_end)


def test_any_other_name_is_refused() -> None:
    """The quarter must be known."""
    with pytest.raises(TaxDataError, match=r"expected a name such as MNR2026Q2FEB18\.csv"):
        sst_name(Path("rates.csv"))


def test_end_dates_are_inclusive_and_two_years_mean_open() -> None:
    """20220930 ends before October; 2999 and 9999 never end."""
    assert date(2022, 10, 1) == day_after("20220930")
    assert day_after("29991231") is None is day_after("99991231")


def test_rates_of_a_file(tmp_path: Path) -> None:
    """State and city, by day; a row of the file is the citation."""
    table = load_sst_rates(a_rate_file(tmp_path, STATE_ROW, CITY_ROW))
    assert ("0.06875", "0.0050") == (rate(table, STATE, "2026-05-01"), rate(table, CITY, "2026-05-01"))
    assert rate(table, COUNTY, "2026-05-01") is None
    found = table.rate_on(CITY, date(2026, 5, 1))
    assert isinstance(found, DatedValue)
    assert "MNR2026Q2FEB18.csv line 2" == found.citation


def test_a_file_ends_with_its_quarter_unless_the_operator_grants_days(tmp_path: Path) -> None:
    """Never silently: the days are a setting."""
    path = a_rate_file(tmp_path, STATE_ROW)
    assert isinstance(load_sst_rates(path).rate_on(STATE, date(2026, 7, 1)), RateMissing)
    graced = load_sst_rates(path, grace_days=10)
    assert "0.06875" == rate(graced, STATE, "2026-07-10")
    assert isinstance(graced.rate_on(STATE, date(2026, 7, 11)), RateMissing)


def test_traps_of_real_rate_files(tmp_path: Path) -> None:
    """Byte order mark, blank food columns, unpadded codes, blank line at the end, rates without a leading zero."""
    rows = ("\ufeff27,45,27,.06875,.06875,,,20090701,99991231", "27,0,53,0.0015,0.0015,,,20070101,29991231", "")
    table = load_sst_rates(a_rate_file(tmp_path, *rows))
    assert ("0.06875", "0.0015") == (rate(table, STATE, "2026-05-01"), rate(table, COUNTY, "2026-05-01"))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("55,45,55,0.05,0.05,0,0,20090701,29991231", "found state 55, expected the FIPS code of MN"),
        ("27,45,27,five,0.05,0,0,20090701,29991231", "found rate 'five', expected a fraction such as 0.06875"),
        ("27,45,27,,0.05,0,0,20090701,29991231", "found rate '', expected a fraction"),
        ("27,45,27,0.05,0.05,0,0,2009-07-01,29991231", "'2009-07-01' does not match format"),
        ("27,45,27", "found 3 columns, expected 9 columns"),
    ],
)
def test_bad_rows_are_refused_with_their_line(tmp_path: Path, row: str, expected: str) -> None:
    """File, line, what was found, what was expected."""
    with pytest.raises(TaxDataError) as caught:
        load_sst_rates(a_rate_file(tmp_path, STATE_ROW, row))
    assert str(caught.value).startswith("MNR2026Q2FEB18.csv:2: found ")
    assert expected in str(caught.value)


OVERLAP = ("27,00,078,0.0,0,0,0,19800101,20200331", "27,00,078,0.005,0,0,0,20200331,99991231")


def test_two_rows_on_one_day_stop_the_load(tmp_path: Path) -> None:
    """The report names both lines and both rates."""
    with pytest.raises(TaxDataError) as caught:
        load_sst_rates(a_rate_file(tmp_path, STATE_ROW, *OVERLAP))
    assert (
        "MNR2026Q2FEB18.csv:3: found US-MN-C078 at 0.005 from 2020-03-31, expected no second row while line 2 (0.0) "
        "is in force until 2020-03-31; correct one" == str(caught.value)
    )


def test_a_dated_correction_cuts_one_of_two_rows(tmp_path: Path) -> None:
    """The zero row ends a day earlier; its citation says so."""
    correction = Correction(
        jurisdiction="US-MN-C078", effective_from=date(1980, 1, 1), effective_until=date(2020, 3, 31),
        reason="the row that begins is kept", citation="both rows name the day",
    )  # fmt: skip
    table = load_sst_rates(a_rate_file(tmp_path, STATE_ROW, *OVERLAP), [correction])
    (area,) = areas("US-MN-C078")
    assert ["0.0", "0.005"] == [rate(table, area, day) for day in ("2020-03-30", "2020-03-31")]
    found = table.rate_on(area, date(2020, 3, 30))
    assert isinstance(found, DatedValue)
    assert "ended early: both rows name the day" in found.citation


def test_a_correction_never_makes_a_row_longer(tmp_path: Path) -> None:
    """A cut after the end of the row changes nothing."""
    late = Correction(
        jurisdiction="US-MN-C078", effective_from=date(1980, 1, 1), effective_until=date(2030, 1, 1),
        reason="too late", citation="test",
    )  # fmt: skip
    with pytest.raises(TaxDataError):
        load_sst_rates(a_rate_file(tmp_path, STATE_ROW, *OVERLAP), [late])


def test_an_archive_with_one_file(tmp_path: Path) -> None:
    """States publish ZIP archives too."""
    with ZipFile(tmp_path / "MNR2026Q2FEB18.zip", "w") as archive:
        archive.writestr("MNR2026Q2FEB18.csv", STATE_ROW)
    assert "0.06875" == rate(load_sst_rates(tmp_path / "MNR2026Q2FEB18.zip"), STATE, "2026-05-01")


def test_the_newest_file_of_a_state_is_used(tmp_path: Path) -> None:
    """Last quarter's file may stay in the folder; boundary files are no rate files."""
    a_rate_file(tmp_path, STATE_ROW.replace("0.06875", "0.05"), name="MNR2026Q1FEB18.csv")
    a_rate_file(tmp_path, STATE_ROW)
    (tmp_path / "MNB2026Q2FEB18.csv").write_text("")
    tables = load_sst_tables(tmp_path)
    assert ["US-MN"] == list(tables)
    assert "0.06875" == rate(tables["US-MN"], STATE, "2026-05-01")


@pytest.mark.parametrize(
    ("name", "jurisdictions"),
    [("MNR2026Q2FEB18.csv", 140), ("WIR2026Q2FEB18.csv", 1927), ("GAR2026Q2FEB19.csv", 170)],
)
def test_whole_files_of_three_states_load(name: str, jurisdictions: int) -> None:
    """With the shipped correction of Wisconsin's county 078, nothing is refused."""
    assert jurisdictions == len(load_sst_rates(public_file(name), load_corrections()).rates)


def test_the_overlap_of_wisconsin_is_reported() -> None:
    """Without the correction exactly one problem is found in 1,941 rows."""
    with pytest.raises(TaxDataError) as caught:
        load_sst_rates(public_file("WIR2026Q2FEB18.csv"))
    assert ["US-WI-C078 at 0.005 from 2020-03-31"] == [problem.found for problem in caught.value.problems]


def test_the_gap_of_a_city_in_minnesota() -> None:
    """City 20906 has no row from 2022-10-01 to 2023-09-30 and levies nothing then."""
    table = load_sst_rates(public_file("MNR2026Q2FEB18.csv"))
    (city,) = areas("US-MN-P20906")
    days = ("2022-09-30", "2022-10-01", "2023-09-30", "2023-10-01")
    assert ["0.0050", None, None, "0.0050"] == [rate(table, city, day) for day in days]


def a_boundary_row(record_type: str, **cells: str) -> str:
    """A boundary record in force from 2020 on; cells by column number, as in `c25="053"`."""
    row = [""] * COLUMNS
    row[:3] = [record_type, "20200101", "29991231"]
    row[22] = row[23] = "27"
    for name, value in cells.items():
        row[int(name[1:]) - 1] = value
    return ",".join(row)


def a_boundary_file(folder: Path, *rows: str) -> Boundaries:
    """A boundary file of these rows."""
    path = folder / "MNB2026Q2FEB18.csv"
    path.write_text("\n".join(rows))
    return load_sst_boundaries(path)


def found_in(boundaries: Boundaries, address: StreetAddress) -> Sequence[str]:
    """Names of the jurisdictions of an address."""
    match = boundaries.match(address, date(2026, 5, 1), lambda _: Decimal(0))
    assert match is not None
    return [area.jurisdiction_id for area in match.record.jurisdictions]


def test_a_zip_record_with_districts(tmp_path: Path) -> None:
    """County, place and the triplets of two districts, in the order of the record; type 45 triplets are skipped."""
    row = a_boundary_row(
        "z", c18="55401", c20="55405", c25="53", c26="43000", c30="ST", c31="80004", c32="63",
        c33="ST", c34="1726", c35="45", c36="ST", c37="80008", c38="63",
    )  # fmt: skip
    expected = ["US-MN", "US-MN-C053", "US-MN-P43000", "US-MN-D80004", "US-MN-D80008"]
    assert expected == found_in(a_boundary_file(tmp_path, row), StreetAddress("55403"))


def test_extensions_are_padded_before_they_are_compared(tmp_path: Path) -> None:
    """A state writes 11 for 0011; lower-case types and a 90th column are read."""
    row = a_boundary_row("4", c18="55012", c19="11", c20="55012", c21="200", c25="025") + ",extra"
    boundaries = a_boundary_file(tmp_path, row)
    assert ["US-MN", "US-MN-C025"] == found_in(boundaries, StreetAddress("55012", "0011"))
    assert boundaries.match(StreetAddress("55012", "1100"), date(2026, 5, 1), lambda _: Decimal(0)) is None


def test_an_address_record(tmp_path: Path) -> None:
    """House numbers, side, direction, street, suffix and the ZIP code of column 16."""
    row = a_boundary_row(
        "a", c4="100", c5="198", c6="e", c7="n", c8="Main", c9="St", c16="55401", c17="1", c25="053", c26="43000"
    )
    boundaries = a_boundary_file(tmp_path, row)
    house = StreetAddress("55401", None, 102, "N", "MAIN", "ST")
    assert ["US-MN", "US-MN-C053", "US-MN-P43000"] == found_in(boundaries, house)
    assert boundaries.match(house._replace(number=103), date(2026, 5, 1), lambda _: Decimal(0)) is None


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (a_boundary_row("q", c18="55401", c20="55401"), "found record type 'q', expected A, 4 or Z"),
        (a_boundary_row("z", c18="", c20="55401"), "found ZIP code '', expected five digits"),
        (a_boundary_row("z", c23="55", c18="1", c20="1"), "found state 55, expected the FIPS code of MN"),
        (a_boundary_row("a", c4="x", c5="9", c16="55401"), "found house numbers 'x' to '9', expected whole numbers"),
        (a_boundary_row("a", c4="1", c5="9", c6="L", c16="55401"), "found side 'L', expected O, E or B"),
        ("z,20200101", "found 2 columns, expected at least 89 columns"),
    ],
)
def test_bad_boundary_records_are_refused(tmp_path: Path, row: str, expected: str) -> None:
    """Line, what was found, what was expected."""
    with pytest.raises(TaxDataError) as caught:
        a_boundary_file(tmp_path, row)
    assert f"MNB2026Q2FEB18.csv:1: {expected}" in str(caught.value)


def test_the_sample_of_minnesota() -> None:
    """One house number decides the county: 55101-2300 lies in Dakota, 55101-2301 in Ramsey and St Paul (example 11)."""
    boundaries = load_sst_boundaries(public_file("MNB2026Q2FEB18-sample.csv"))
    day = date(2018, 6, 1)
    found = [boundaries.match(StreetAddress("55101", plus4), day, lambda _: Decimal(0)) for plus4 in ("2300", "2301")]
    assert [["US-MN", "US-MN-C037"], ["US-MN", "US-MN-C123", "US-MN-P58000"]] == [
        [area.jurisdiction_id for area in match.record.jurisdictions] for match in found if match
    ]
    assert boundaries.match(StreetAddress("55101", "2300"), date(2019, 4, 1), lambda _: Decimal(0)) is None


def test_ranges_across_zip_codes_of_the_sample_are_marked() -> None:
    """55012-0011 to 55013-9999 compares nine digits and asks for a look."""
    boundaries = load_sst_boundaries(public_file("MNB2026Q2FEB18-sample.csv"))
    match = boundaries.match(StreetAddress("55013", "0001"), date(2018, 6, 1), lambda _: Decimal(0))
    assert match is not None
    assert (RecordType.ZIP4, True) == (match.record.record_type, match.needs_review)
