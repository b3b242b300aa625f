"""The shipped area codes and the usual dialling profiles, for tests of numbering."""

from functools import lru_cache
from pathlib import Path

from pipeline.book.reading import Reading
from pipeline.shipped import DATA
from rating.numbering.area_codes import AreaCodeTable
from rating.numbering.profiles import DiallingProfile
from schemas.reference import AreaCode, DialPlan

US = DiallingProfile("US", DialPlan(default_country="US", international_prefixes=("011",)))
DE = DiallingProfile("DE", DialPlan(international_prefixes=("00",), accept_bare_e164=True))
GB_NATIONAL = DiallingProfile("GB", DialPlan(default_country="GB", international_prefixes=("00",)))


@lru_cache(maxsize=1)
def area_codes() -> AreaCodeTable:
    """The shipped table."""
    reading = Reading(Path())
    file = DATA / "numbering" / "area_codes.csv"
    table = AreaCodeTable(reading.csv_table("area_codes", file.name, file, AreaCode))
    assert not reading.problems
    return table
