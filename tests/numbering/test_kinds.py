"""Kinds of numbers, and those of one area code."""

import numpy as np
import pytest

from rating.numbering.area_codes import AreaCodeTable
from rating.numbering.kind_table import kind_table
from rating.numbering.kinds import INVALID, UNKNOWN_NANP, Kind, NumberClass, area_code_kinds
from rating.numbering.short_codes import short_code
from schemas.reference import AreaCode
from tests.numbering.tables import area_codes


def _code(area_code: str, number_class: str, country: str, region: str | None = None) -> AreaCode:
    return AreaCode(area_code=area_code, number_class=number_class, country=country, region=region)


def test_an_area_code_with_a_place_has_three_kinds() -> None:
    """Directory assistance and premium numbers keep country and state."""
    kinds = area_code_kinds(_code("212", "US_LOWER48_DC", "US", "NY"))
    assert Kind(NumberClass.US_LOWER48_DC, "US", "NY") == kinds.ordinary
    assert Kind(NumberClass.DIRECTORY_ASSISTANCE, "US", "NY") == kinds.directory_assistance
    assert Kind(NumberClass.PREMIUM, "US", "NY") == kinds.premium


@pytest.mark.parametrize(
    "code",
    [_code("800", "TOLL_FREE", "001"), _code("500", "NONGEO_5XX", "001"), _code("600", "CA_NONGEO", "CA"),
     _code("900", "PREMIUM", "001"), _code("710", "US_GOV_710", "US")],
    ids=lambda code: code.number_class,
)  # fmt: skip
def test_one_without_a_place_has_one(code: AreaCode) -> None:
    """800-555-1212 is a toll-free number."""
    assert 1 == len(set(area_code_kinds(code)))


def test_regions_abroad_are_no_states() -> None:
    """Ontario is a province; Puerto Rico is its own country here and has no state."""
    assert area_code_kinds(_code("416", "CANADA", "CA", "ON")).ordinary.state is None
    assert Kind(NumberClass.US_TERRITORY, "PR") == area_code_kinds(_code("787", "US_TERRITORY", "PR")).ordinary


def test_the_table_has_each_kind_once() -> None:
    """And knows where INVALID and UNKNOWN_NANP stand."""
    table = kind_table(area_codes())
    assert len(table.kinds) == len(set(table.kinds))
    assert (INVALID, UNKNOWN_NANP) == (table.kinds[table.invalid], table.kinds[table.unknown])


def test_codes_that_are_not_in_the_table_are_unknown() -> None:
    """An empty table knows no number of +1, and all countries."""
    table = kind_table(AreaCodeTable([]))
    assert {table.unknown} == set(table.ordinary.tolist())
    assert Kind(NumberClass.INTERNATIONAL, "FR") == table.kinds[table.main_country[331]]
    assert table.invalid == table.main_country[210]


def test_three_digits_lead_to_the_calling_code() -> None:
    """Codes of one, two and three digits: Russia, France, Finland."""
    table = kind_table(area_codes())
    found = [table.kinds[position].country for position in table.main_country[np.array([749, 336, 358])]]
    assert ["RU", "FR", "FI"] == found


@pytest.mark.parametrize(
    ("dialled", "country", "number_class"),
    [
        ("911", "US", NumberClass.EMERGENCY),
        ("911", "CA", NumberClass.EMERGENCY),
        ("933", "US", NumberClass.EMERGENCY),
        ("988", "US", NumberClass.CRISIS_988),
        ("411", "CA", NumberClass.DIRECTORY_ASSISTANCE),
        ("211", "US", NumberClass.N11),
        ("811", "CA", NumberClass.N11),
        ("112", "DE", NumberClass.EMERGENCY),
        ("110", "DE", NumberClass.EMERGENCY),
        ("999", "GB", NumberClass.EMERGENCY),
        ("112", "GB", NumberClass.EMERGENCY),
        ("000", "AU", NumberClass.EMERGENCY),
    ],
)
def test_short_codes(dialled: str, country: str, number_class: NumberClass) -> None:
    """Those of +1 by our table, emergency numbers elsewhere by libphonenumber."""
    assert Kind(number_class, country) == short_code(dialled, country)


@pytest.mark.parametrize(
    ("dialled", "country"),
    [("911", "DE"), ("411", "GB"), ("988", "FR"), ("7777", "US"), ("", "US"), ("9111111", "US"), ("*60", "US"),
     ("+911", "US"), ("112", "")],
)  # fmt: skip
def test_what_is_no_short_code(dialled: str, country: str) -> None:
    """Another country's code, an extension, a long number, a feature code."""
    assert short_code(dialled, country) is None
