"""Parameters: one number of the law, one file, with unit, citation, confidence mark and half-open periods.

The path below the folder is the name: `us/fusf/contribution_factor.yaml`. Files of the operator's own folder are laid
over the shipped ones: on the days of an own value it counts, on all other days the shipped value does. So a new quarter
is one file with one value, and an update of the program never takes it away.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Literal

from pydantic import Field

from pipeline.tax.problems import FileProblem, TaxDataError
from pipeline.tax.yaml_file import Day, Number, Record, line_at, read_record
from rating.tax.parameters import DatedValue, Parameter
from rating.tax.terms import Mark

Unit = Literal["FRACTION", "USD", "USD_PER_LINE", "DEVIATIONS"]


class ValueRow(Record):
    """A value in force over `[effective_from, effective_until)`; citation and mark default to those of the file."""

    effective_from: Day
    effective_until: Day | None = None
    value: Number
    citation: str | None = None
    mark: Mark | None = None


class ParameterFile(Record):
    """One parameter as written; `gaps: allowed` for a number that did not exist or is not known on some days."""

    description: str
    unit: Unit
    citation: str
    mark: Mark = Mark.SOURCED
    place: str | None = Field(None, description="name of the jurisdiction, for people")
    gaps: Literal["none", "allowed"] = "none"
    values: tuple[ValueRow, ...] = ()


def read_parameter(text: str, name: str) -> Parameter:
    """Read one file; TaxDataError for unknown keys, bad dates, overlaps, and gaps where none are allowed."""
    file = f"{name}.yaml"
    row = read_record(text, file, ParameterFile)
    values = tuple(_dated(value, row) for value in row.values)
    problems = [
        FileProblem(file, line_at(text, ("values", position)), found, expected)
        for position, found, expected in _findings(values, row)
    ]
    if problems:
        raise TaxDataError(problems)
    return Parameter(name, row.description, row.unit, values)


def load_parameters(folders: Sequence[Path]) -> dict[str, Parameter]:
    """Read every file of the folders that exist; a later folder is laid over the earlier ones."""
    loaded: dict[str, Parameter] = {}
    problems: list[FileProblem] = []
    for folder in folders:
        for path in sorted(folder.rglob("*.yaml")):
            name = path.relative_to(folder).with_suffix("").as_posix()
            try:
                parameter = read_parameter(path.read_text(), name)
            except TaxDataError as error:
                problems += error.problems
                continue
            shipped = loaded.get(name, parameter)
            if shipped.unit != parameter.unit:
                problems.append(FileProblem(f"{name}.yaml", 1, f"unit {parameter.unit}", f"{shipped.unit}, as shipped"))
            loaded[name] = overlay(shipped, parameter)
    if problems:
        raise TaxDataError(problems)
    return loaded


def overlay(shipped: Parameter, own: Parameter) -> Parameter:
    """The own values, and what they leave of the shipped ones."""
    left = [piece for value in shipped.values for piece in _outside(value, own.values)]
    return own._replace(values=tuple(sorted([*left, *own.values], key=lambda value: value.effective_from)))


def in_folder(parameters: Mapping[str, Parameter], folder: str) -> dict[str, Parameter]:
    """The parameters directly in a folder, by the last part of their names."""
    found = ((name.rpartition("/"), parameter) for name, parameter in parameters.items())
    return {last: parameter for (parent, _, last), parameter in found if parent == folder}


def _dated(value: ValueRow, row: ParameterFile) -> DatedValue:
    return DatedValue(
        value.effective_from, value.effective_until, value.value, value.citation or row.citation, value.mark or row.mark
    )


def _findings(values: Sequence[DatedValue], row: ParameterFile) -> Iterator[tuple[int, str, str]]:
    """Position of a value, what was found, what was expected."""
    for position, value in enumerate(values):
        if value.effective_until is not None and value.effective_until <= value.effective_from:
            yield position, f"a period that ends {value.effective_until}", f"an end after {value.effective_from}"
    for position, (before, after) in enumerate(pairwise(values), start=1):
        end = before.effective_until
        if end is None or after.effective_from < end:
            expected = f"a start not before the end of the value before it, {end or 'open'}"
            yield position, f"a value from {after.effective_from}", expected
        elif row.gaps == "none" and after.effective_from > end:
            yield position, f"no value from {end} to {after.effective_from}", "no gap, or `gaps: allowed`"


def _outside(value: DatedValue, taken: Iterable[DatedValue]) -> list[DatedValue]:
    """The parts of a period that no other value takes."""
    pieces = [value]
    for other in taken:
        pieces = [piece for whole in pieces for piece in _cut(whole, other)]
    return pieces


def _cut(value: DatedValue, other: DatedValue) -> Iterator[DatedValue]:
    end, other_end = value.effective_until or date.max, other.effective_until or date.max
    if value.effective_from < min(end, other.effective_from):
        yield value._replace(effective_until=_open(min(end, other.effective_from)))
    if max(value.effective_from, other_end) < end:
        yield value._replace(effective_from=max(value.effective_from, other_end))


def _open(day: date) -> date | None:
    return None if day == date.max else day
