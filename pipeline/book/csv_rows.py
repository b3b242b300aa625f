"""Rows of a CSV file of the book: one record a line, a header that names fields of the model, an empty cell for none.

A deck of 30,000 rows is read in a fraction of a second: cells of few different texts (times, increments, statuses) are
turned into values once.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
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

    rows: list[Row]
    lines: list[int]
    problems: list[FileProblem]


def read_csv(text: str, file: str, model: type[Row]) -> CsvRows[Row]:
    """Read a CSV file with a header."""
    found: CsvRows[Row] = CsvRows([], [], [])
    cells = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = next(cells, [])
        found.problems.extend(_header_problems(header, file, model))
        if not found.problems:
            _read_lines(cells, header, file, model, found)
    except csv.Error as error:
        expected = "cells separated by commas, each quote closed on its line"
        found.problems.append(FileProblem(file, cells.line_num, "", str(error), expected))
    return found


def _read_lines(cells: _Lines, header: Sequence[str], file: str, model: type[Row], found: CsvRows[Row]) -> None:
    readers = [_reader(model, name) for name in header]
    for line in cells:
        if not line:
            continue
        number = cells.line_num
        if len(line) != len(header):
            found.problems.append(
                FileProblem(file, number, "", f"{len(line)} cells", f"{len(header)}, as many as the header has")
            )
            continue
        values = {name: read(cell) for name, read, cell in zip(header, readers, line, strict=True) if cell}
        try:
            found.rows.append(model.model_validate(values))
            found.lines.append(number)
        except ValidationError as error:
            for path, what, expected in refusals(error, model):
                found.problems.append(FileProblem(file, number, path_name(path), what, expected))


def _reader(model: type[BaseModel], name: str) -> Reader:
    """How the cells of a column become values."""
    kind = field_type(model, name)
    return str if kind is str else lru_cache(maxsize=4096)(lambda text: read_text(text, kind))


def _header_problems(header: Sequence[str], file: str, model: type[BaseModel]) -> Iterator[FileProblem]:
    known = ", ".join(model.model_fields)
    if not header:
        yield FileProblem(file, 1, "", "nothing", f"a header line of {known}")
        return
    for position, name in enumerate(header):
        if name not in model.model_fields:
            yield FileProblem(file, 1, "header", name or "an empty name", f"one of {known}")
        elif name in header[:position]:
            yield FileProblem(file, 1, "header", f"{name} a second time", "each column once")
    for name, field in model.model_fields.items():
        if field.is_required() and name not in header:
            yield FileProblem(file, 1, "header", f"no {name}", f"the column {name}")
