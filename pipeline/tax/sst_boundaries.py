"""Boundary files of Streamlined states: which jurisdictions an address, a ZIP+4 code or a ZIP code lies in.

Traps of real files, each with a test: record types in either case, extensions without leading zeros, a 90th column, a
byte order mark, district triplets of type 45 (location codes of Washington, no districts), ranges across ZIP codes.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.tax.problems import FileProblem, TaxDataError
from pipeline.tax.sst_files import SstRow, day_after, first_day, padded, sst_name, sst_rows
from rating.tax.boundary import Boundaries, BoundaryRecord, Parity, RecordType, StreetRange
from rating.tax.jurisdictions import (
    COUNTY_TYPE,
    STATE_FIPS,
    STATE_TYPE,
    Jurisdiction,
    sst_jurisdiction,
    state_jurisdiction,
)

COLUMNS = 89
PLACE_TYPE = "01"
_TRIPLETS = range(29, 89, 3)

_RECORD_TYPE, _BEGIN, _END, _LOW, _HIGH, _PARITY, _PRE, _STREET, _SUFFIX, _POST = range(10)
_ZIP = 15
_ZIP_LOW, _PLUS4_LOW, _ZIP_HIGH, _PLUS4_HIGH = range(17, 21)
_STATE, _COUNTY, _PLACE = 22, 24, 25


def load_sst_boundaries(path: Path) -> Boundaries:
    """Read one boundary file. TaxDataError lists every bad record."""
    name = sst_name(path)
    records: list[BoundaryRecord] = []
    problems: list[FileProblem] = []
    for row in sst_rows(path):
        try:
            records.append(_record(row, name.state))
        except ValueError as error:
            found, _, expected = str(error).partition("; ")
            problems.append(FileProblem(path.name, row.line, found, expected or "a day such as 20260401"))
    if problems:
        raise TaxDataError(problems)
    return Boundaries(records)


def _record(row: SstRow, state: str) -> BoundaryRecord:
    cells = row.cells
    if len(cells) < COLUMNS:
        raise ValueError(f"{len(cells)} columns; at least {COLUMNS} columns")
    if STATE_FIPS.get(cells[_STATE].zfill(2)) != state:
        raise ValueError(f"state {cells[_STATE]}; the FIPS code of {state}, as the name of the file says")
    record_type = _record_type(cells[_RECORD_TYPE])
    low, high = (_ZIP, _ZIP) if record_type is RecordType.ADDRESS else (_ZIP_LOW, _ZIP_HIGH)
    return BoundaryRecord(
        record_type,
        first_day(cells[_BEGIN]),
        day_after(cells[_END]),
        _zip_code(cells[low]),
        _zip_code(cells[high]),
        tuple(_jurisdictions(cells, state)),
        cells[_PLUS4_LOW].zfill(4),
        cells[_PLUS4_HIGH].zfill(4),
        _streets(cells) if record_type is RecordType.ADDRESS else None,
        row.line,
    )


def _record_type(text: str) -> RecordType:
    if text.upper() not in set(RecordType):
        raise ValueError(f"record type {text!r}; A, 4 or Z")
    return RecordType(text.upper())


def _zip_code(text: str) -> str:
    if not text.isdecimal():
        raise ValueError(f"ZIP code {text!r}; five digits")
    return text.zfill(5)


def _streets(cells: Sequence[str]) -> StreetRange:
    if not (cells[_LOW].isdecimal() and cells[_HIGH].isdecimal()):
        raise ValueError(f"house numbers {cells[_LOW]!r} to {cells[_HIGH]!r}; whole numbers")
    parity = cells[_PARITY].upper() or Parity.BOTH
    if parity not in set(Parity):
        raise ValueError(f"side {cells[_PARITY]!r}; O, E or B")
    street = (cells[column].upper() for column in (_PRE, _STREET, _SUFFIX, _POST))
    return StreetRange(int(cells[_LOW]), int(cells[_HIGH]), Parity(parity), *street)


def _jurisdictions(cells: Sequence[str], state: str) -> Iterator[Jurisdiction]:
    """State, county, place and up to twenty districts, in the order of the record."""
    yield state_jurisdiction(state)
    if cells[_COUNTY]:
        yield sst_jurisdiction(state, *padded(COUNTY_TYPE, cells[_COUNTY]))
    if cells[_PLACE]:
        yield sst_jurisdiction(state, *padded(PLACE_TYPE, cells[_PLACE]))
    for start in _TRIPLETS:
        _, code, sst_type = cells[start : start + 3]
        if code and sst_type.zfill(2) != STATE_TYPE:
            yield sst_jurisdiction(state, *padded(sst_type, code))
