"""What the rate and boundary files of Streamlined states have in common: names, dates, text.

Layout: streamlinedsalestax.org, RatesandBoundariesClean082605.pdf. A name says state, kind, year and quarter:
`MNR2026Q2FEB18.csv`. Intervals in the files are closed; 29991231 and 99991231 mean open.
"""

import csv
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Literal, NamedTuple
from zipfile import ZipFile

from pipeline.tax.problems import FileProblem, TaxDataError
from rating.tax.jurisdictions import COUNTY_TYPE, STATE_TYPE

_NAME = re.compile(r"(?P<state>[A-Z]{2})(?P<kind>[RB])(?P<year>\d{4})Q(?P<quarter>[1-4])", re.ASCII)
_OPEN_YEAR = 2999
_MONTHS_PER_QUARTER = 3
_CODE_DIGITS = {STATE_TYPE: 2, COUNTY_TYPE: 3}


class SstName(NamedTuple):
    """What the name of a file says. `quarter_end` is the first day after the quarter."""

    state: str
    kind: Literal["R", "B"]
    quarter_end: date


class SstRow(NamedTuple):
    """One line of a file."""

    line: int
    cells: list[str]


def sst_name(path: Path) -> SstName:
    """Read state, kind and quarter from a file's name. TaxDataError for any other name."""
    match = _NAME.match(path.name)
    if match is None:
        raise TaxDataError([FileProblem(path.name, 1, f"the name {path.name}", "a name such as MNR2026Q2FEB18.csv")])
    month = int(match["quarter"]) * _MONTHS_PER_QUARTER
    year = int(match["year"])
    end = date(year + month // 12, month % 12 + 1, 1)
    return SstName(match["state"], "R" if match["kind"] == "R" else "B", end)


def sst_rows(path: Path) -> Iterator[SstRow]:
    """The lines of a CSV file, or of the one CSV in a ZIP archive; a byte order mark and blank lines are skipped."""
    for line, cells in enumerate(csv.reader(StringIO(_content(path).decode("utf-8-sig"))), start=1):
        if cells:
            yield SstRow(line, [cell.strip() for cell in cells])


def padded(sst_type: str, code: str) -> tuple[str, str]:
    """Type and code with the zeros that some states leave out: a county has three digits, a place or district five."""
    sst_type = sst_type.zfill(2)
    return sst_type, code.zfill(_CODE_DIGITS.get(sst_type, 5))


def file_hash(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    return sha256(path.read_bytes()).hexdigest()


def first_day(text: str) -> date:
    """A begin date. ValueError for no date."""
    return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a calendar day has no zone


def day_after(text: str) -> date | None:
    """The exclusive end of an inclusive end date; None for the years that mean open. ValueError for no date."""
    last = first_day(text)
    return None if last.year >= _OPEN_YEAR else last + timedelta(days=1)


def _content(path: Path) -> bytes:
    if path.suffix.lower() != ".zip":
        return path.read_bytes()
    with ZipFile(path) as archive:
        return archive.read(next(name for name in archive.namelist() if name.lower().endswith(".csv")))
