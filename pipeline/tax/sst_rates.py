"""Rate files of Streamlined states: every rate of a state, its counties, cities and districts, with its days.

A file is complete: what has no row levies nothing. Two rows of one jurisdiction in force on one day stop the load until
a dated correction, with its reason, cuts one of them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from pipeline.tax.problems import FileProblem, TaxDataError
from pipeline.tax.sst_files import SstRow, day_after, first_day, padded, sst_name, sst_rows
from pipeline.tax.yaml_file import Day, Record
from rating.tax.jurisdictions import STATE_FIPS, Jurisdiction, sst_jurisdiction
from rating.tax.parameters import DatedValue, Parameter
from rating.tax.stacks import RateTable

COLUMNS = 9
_RATE = re.compile(r"[0-9]?(\.[0-9]{1,10})?", re.ASCII)


class Correction(Record):
    """Ends one row of a published file earlier, because two rows of a jurisdiction overlap."""

    jurisdiction: str
    effective_from: Day
    effective_until: Day
    reason: str
    citation: str


class _Rate(NamedTuple):
    line: int
    jurisdiction: Jurisdiction
    value: DatedValue


def load_sst_rates(path: Path, corrections: Iterable[Correction] = (), grace_days: int = 0) -> RateTable:
    """Read one rate file. TaxDataError lists every bad row and every overlap that no correction cuts.

    The table may be used until its quarter ends, and `grace_days` longer where the operator accepts that.
    """
    name = sst_name(path)
    rows = list(sst_rows(path))
    rates, problems = _parse(rows, path.name, name.state)
    rates = _corrected(rates, tuple(corrections))
    by_jurisdiction: dict[str, list[_Rate]] = defaultdict(list)
    for rate in sorted(rates, key=lambda rate: rate.value.effective_from):
        by_jurisdiction[rate.jurisdiction.jurisdiction_id].append(rate)
    problems += [problem for found in by_jurisdiction.values() for problem in _overlaps(found, path.name)]
    if problems:
        raise TaxDataError(sorted(problems, key=lambda problem: problem.line))
    description = f"general sales tax rate of {path.name}"
    parameters = {
        area: Parameter(f"{path.name}/{area}", description, "FRACTION", tuple(rate.value for rate in found))
        for area, found in by_jurisdiction.items()
    }
    until = name.quarter_end + timedelta(days=grace_days)
    where = f"sst/{name.state}R<year>Q<quarter><date>.csv"
    return RateTable(description, where, parameters, is_complete=True, usable_until=until)


def _parse(rows: Sequence[SstRow], file: str, state: str) -> tuple[list[_Rate], list[FileProblem]]:
    rates: list[_Rate] = []
    problems: list[FileProblem] = []
    for row in rows:
        try:
            rates.append(_rate(row, file, state))
        except ValueError as error:
            found, _, expected = str(error).partition("; ")
            problems.append(FileProblem(file, row.line, found, expected or "a day such as 20260401"))
    return rates, problems


def _rate(row: SstRow, file: str, state: str) -> _Rate:
    if len(row.cells) < COLUMNS:
        raise ValueError(f"{len(row.cells)} columns; {COLUMNS} columns")
    fips, sst_type, code, intrastate, _, _, _, begin, end = row.cells[:COLUMNS]
    if STATE_FIPS.get(fips.zfill(2)) != state:
        raise ValueError(f"state {fips}; the FIPS code of {state}, as the name of the file says")
    if not intrastate or not _RATE.fullmatch(intrastate):
        raise ValueError(f"rate {intrastate!r}; a fraction such as 0.06875")
    value = DatedValue(first_day(begin), day_after(end), Decimal(intrastate), f"{file} line {row.line}")
    return _Rate(row.line, sst_jurisdiction(state, *padded(sst_type, code)), value)


def _corrected(rates: Iterable[_Rate], corrections: Sequence[Correction]) -> list[_Rate]:
    ends = {(cut.jurisdiction, cut.effective_from): cut for cut in corrections}
    return [_cut(rate, ends.get((rate.jurisdiction.jurisdiction_id, rate.value.effective_from))) for rate in rates]


def _cut(rate: _Rate, correction: Correction | None) -> _Rate:
    if correction is None:
        return rate
    end = min(rate.value.effective_until or date.max, correction.effective_until)
    citation = f"{rate.value.citation}, ended early: {correction.citation}"
    return rate._replace(value=rate.value._replace(effective_until=end, citation=citation))


def _overlaps(rates: Sequence[_Rate], file: str) -> Iterator[FileProblem]:
    for before, after in pairwise(rates):
        end = before.value.effective_until or date.max
        if after.value.effective_from < end:
            area = after.jurisdiction.jurisdiction_id
            found = f"{area} at {after.value.value} from {after.value.effective_from}"
            last = end - timedelta(days=1)
            expected = (
                f"no second row while line {before.line} ({before.value.value}) is in force until {last}; correct one"
            )
            yield FileProblem(file, after.line, found, expected)
