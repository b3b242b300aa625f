"""Rows of a CSV file of the book: one record a line, a header that names fields of the model, an empty cell for none.

A deck of 30,000 rows is read in a fraction of a second: cells of few different texts (times, increments, statuses) are
turned into values once.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Generic, NamedTuple, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from pipeline.book.models import field_type, path_name, refusals
from pipeline.book.problems import FileProblem
from pipeline.book.texts import read_text

Row = TypeVar("Row", bound=BaseModel)
Reader = Callable[[str], object]


class _Lines(Protocol):
    """A reader of the csv module."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


class CsvRows(NamedTuple, Generic[Row]):
    """What a file gave: the rows that are right, the line of each, and what is wrong with the others."""

    file: str
    rows: list[Row]
    lines: list[int]
    problems: list[FileProblem]


class CsvForm(NamedTuple):
    """How a file differs from the model that its rows become."""

    fields: Mapping[str, str | None]
    """Field of each heading that is not a field itself; None for a column that is not read."""
    supplied: frozenset[str]
    """Required fields that a file may leave out, because `complete` supplies them."""
    complete: Callable[[Mapping[str, object]], Mapping[str, object]]


def read_csv(text: str, file: str, model: type[Row], form: CsvForm | None = None) -> CsvRows[Row]:
    """Read a CSV file with a header, by default one of the model's own fields."""
    form = form or CsvForm({}, frozenset(), lambda values: values)
    found: CsvRows[Row] = CsvRows(file, [], [], [])
    cells = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = next(cells, [])
        found.problems.extend(_header_problems(header, file, model, form))
        if not found.problems:
            _read_rows(cells, [form.fields.get(name, name) or "" for name in header], model, form, found)
    except csv.Error as error:
        expected = "cells separated by commas, each quote closed on its line"
        found.problems.append(FileProblem(file, cells.line_num, "", str(error), expected))
    return found


def _read_rows(cells: _Lines, fields: Sequence[str], model: type[Row], form: CsvForm, found: CsvRows[Row]) -> None:
    readers = [_reader(model, name) if name else None for name in fields]
    for number, line in _whole_lines(cells, len(fields), found):
        values = {name: read(cell) for name, read, cell in zip(fields, readers, line, strict=True) if cell and read}
        try:
            found.rows.append(model.model_validate(form.complete(values)))
            found.lines.append(number)
        except ValidationError as error:
            for path, what, expected in refusals(error, model):
                found.problems.append(FileProblem(found.file, number, path_name(path), what, expected))


def _whole_lines(cells: _Lines, width: int, found: CsvRows[Row]) -> Iterator[tuple[int, list[str]]]:
    """Lines with as many cells as the header, by their number; empty lines are nothing."""
    for line in cells:
        if len(line) == width:
            yield cells.line_num, line
        elif line:
            expected = f"{width}, as many as the header has"
            found.problems.append(FileProblem(found.file, cells.line_num, "", f"{len(line)} cells", expected))


def _reader(model: type[BaseModel], name: str) -> Reader:
    """How the cells of a column become values."""
    kind = field_type(model, name)
    return str if kind is str else lru_cache(maxsize=4096)(lambda text: read_text(text, kind))


def _header_problems(header: Sequence[str], file: str, model: type[BaseModel], form: CsvForm) -> Iterator[FileProblem]:
    known = ", ".join([*form.fields, *model.model_fields] if form.fields else model.model_fields)
    if not header:
        yield FileProblem(file, 1, "", "nothing", f"a header line of {known}")
        return
    for position, name in enumerate(header):
        if name not in model.model_fields and name not in form.fields:
            yield FileProblem(file, 1, "header", name or "an empty name", f"one of {known}")
        elif name in header[:position]:
            yield FileProblem(file, 1, "header", f"{name} a second time", "each column once")
    given = {form.fields.get(name, name) for name in header} | form.supplied
    for name, field in model.model_fields.items():
        if field.is_required() and name not in given:
            yield FileProblem(file, 1, "header", f"no {name}", f"the column {name}")
