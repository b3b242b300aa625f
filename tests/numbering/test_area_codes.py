"""The shipped table of +1 area codes: what it says, and that it says what the numbering plan's administrator says."""

import csv
import os
from datetime import date
from pathlib import Path

import pytest

from rating.numbering.area_codes import NEVER, AreaCodeTable, epoch_day
from rating.numbering.kinds import GEOGRAPHIC, NumberClass
from schemas.reference import AreaCode
from tests.numbering.tables import area_codes

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("TRUNKLINE_DATA", ROOT.parent / "shared" / "data"))
REPORT = DATA / "npa_report_20260105.csv"
CLASSES = DATA / "npa_class.csv"

needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="TRUNKLINE_DATA is not there")


def test_first_day_of_service_counts() -> None:
    """471 Mississippi entered service on 2026-01-30 (NANPA report)."""
    assert area_codes().in_service("471", date(2026, 1, 29)) is None
    found = area_codes().in_service("471", date(2026, 1, 30))
    assert found is not None
    assert ("US", "MS") == (found.country, found.region)


def test_a_code_without_a_date_is_never_in_service() -> None:
    """565 Georgia is assigned, and nobody has said when it begins."""
    assert area_codes().in_service("565", date(2099, 1, 1)) is None
    assert NEVER == area_codes().first_day[565]


def test_arrays_say_the_same_as_rows() -> None:
    """Position and first day are indexed by the three digits."""
    table = AreaCodeTable(
        [
            AreaCode(area_code="900", number_class="PREMIUM", country="001", in_service=date(1971, 1, 1)),
            AreaCode(area_code="212", number_class="US_AK", country="US", region="AK", in_service=date(1970, 1, 2)),
        ]
    )
    assert ["212", "900"] == [code.area_code for code in table.codes]
    assert (0, 1, -1) == (table.position[212], table.position[900], table.position[213])
    assert (1, 365) == (table.first_day[212], table.first_day[900])
    assert 0 == epoch_day(date(1970, 1, 1))


def test_every_class_is_one_of_the_list() -> None:
    """No row has a class that rating does not know, and each has a source."""
    for code in area_codes().codes:
        assert NumberClass(code.number_class)
        assert code.source


def test_a_us_code_names_one_state() -> None:
    """So area code to state is a function (numbering.md B.1); a place abroad has its own country code."""
    for code in area_codes().codes:
        if code.country == "US" and code.number_class in GEOGRAPHIC:
            assert code.region is not None
            assert 2 == len(code.region)
        if code.number_class in {"CARIBBEAN", "US_TERRITORY"}:
            assert code.country not in {"US", "CA", "001"}


@needs_data
def test_no_difference_from_the_report() -> None:
    """All assigned codes of the report of 2026-01-05 and no others, with their dates, countries and states."""
    lines = REPORT.read_text(encoding="utf-8").splitlines()[1:]
    assigned = {row["NPA_ID"]: row for row in csv.DictReader(lines) if row["ASSIGNED"] == "Yes"}
    table = {code.area_code: code for code in area_codes().codes}
    assert set(assigned) == set(table)
    for name, row in assigned.items():
        day = table[name].in_service
        assert row["IN_SERVICE_DT"] == ("" if day is None else day.strftime("%d-%b-%Y")), name
        if row["COUNTRY"] == "US" and row["LOCATION"] not in {"", "NANP AREA"}:
            place = table[name].region if table[name].country == "US" else table[name].country
            assert {"CNMI": "MP"}.get(row["LOCATION"], row["LOCATION"]) == place, name
        is_canadian = row["COUNTRY"] == "CANADA"
        assert is_canadian == (table[name].country == "CA"), name


@needs_data
def test_no_difference_from_the_derived_classes() -> None:
    """Class, country and region of each code."""
    with CLASSES.open(encoding="utf-8", newline="") as file:
        derived = {row["npa"]: (row["cls"], row["country"], row["region"]) for row in csv.DictReader(file)}
    shipped = {
        code.area_code: (code.number_class, code.country, code.region or _territory(code))
        for code in area_codes().codes
    }
    assert derived == shipped


def _territory(code: AreaCode) -> str:
    return code.country if code.number_class == "US_TERRITORY" else ""
