"""Price lists: decks as suppliers send them, in our own columns or in those that a layout names.

A price list says what a prefix costs and leaves open from when; what is not said is supplied by whoever reads it. An
empty rate is UNPRICED, which refuses calls: it is never free and never falls back to a shorter prefix.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from pipeline.book.csv_rows import CsvForm, read_csv
from pipeline.book.problems import BookFileError, FileProblem
from pipeline.book.reading import read_file
from pipeline.book.yaml_rows import read_record
from pipeline.shipped import DATA
from rating.book_checks import check
from rating.book_problems import BookError
from schemas.reference import Rate, RateDeck, RateStatus, Reference, ReferenceData

LAYOUTS = DATA / "deck_layouts"
OWN_FORM = "trunkline"
_SUPPLIED = frozenset({"row_id", "effective_from"})


class DeckLayout(Reference):
    """Which heading of a supplier's file holds which field; every other heading is either `ignored` or a mistake."""

    description: str = ""
    columns: dict[str, str]
    ignored: tuple[str, ...] = ()


class PriceList(NamedTuple):
    """The rows of a file, and the line of each."""

    file: str
    layout: str
    rates: tuple[Rate, ...]
    lines: tuple[int, ...]


def read_price_list(path: Path, since: datetime, layout: Path | None = None) -> PriceList:
    """Read a deck of our own form, or one whose headings a layout names (the given one, else a shipped one).

    Rows without a date of their own hold from `since`. BookFileError lists every problem with its line.
    """
    problems: list[FileProblem] = []
    text = read_file(path, path.name, problems)
    name, form = _form(text, since, layout)
    found = read_csv(text, path.name, Rate, form)
    problems += found.problems
    prices = PriceList(path.name, name, tuple(found.rows), tuple(found.lines))
    if not problems:
        problems += _row_problems(prices)
    if problems:
        raise BookFileError(str(path.parent), problems)
    return prices


def read_layout(path: Path) -> DeckLayout:
    """Read a layout file. BookFileError."""
    problems: list[FileProblem] = []
    found = read_record(read_file(path, path.name, problems), path.name, DeckLayout)
    problems += found.problems
    for row, lines in zip(found.rows, found.lines, strict=True):
        for field in row.columns.keys() - Rate.model_fields.keys():
            known = f"one of {', '.join(Rate.model_fields)}"
            problems.append(FileProblem(path.name, lines["columns", field], "columns", f"the field {field}", known))
    if problems:
        raise BookFileError(str(path.parent), problems)
    return found.rows[0]


def _form(text: str, since: datetime, layout: Path | None) -> tuple[str, CsvForm]:
    """The layout that is given, else the first shipped one whose headings the file has, else our own form."""
    headings = {heading.strip() for heading in text.partition("\n")[0].split(",")}
    fields: dict[str, str | None] = {}
    name = OWN_FORM
    for path in [layout] if layout else sorted(LAYOUTS.glob("*.yaml")):
        found = read_layout(path)
        if layout or headings >= set(found.columns.values()):
            name = path.stem
            fields = {heading: field for field, heading in found.columns.items()} | dict.fromkeys(found.ignored)
            break
    return name, CsvForm(fields, _SUPPLIED, lambda values: _completed(values, since))


def _completed(values: Mapping[str, object], since: datetime) -> Mapping[str, object]:
    """A row with the status, date and name that its file leaves out."""
    own = values.get("effective_from")
    effective_from = max(own, since) if isinstance(own, datetime) else (own or since)
    supplied: dict[str, object] = {"effective_from": effective_from}
    if "rate_per_minute" not in values and "status" not in values:
        supplied["status"] = RateStatus.UNPRICED
    if "row_id" not in values:
        supplied["row_id"] = row_name(str(values.get("prefix")), effective_from, values.get("hours"))
    return {**values, **supplied}


def row_name(prefix: str, effective_from: object, hours: object = None) -> str:
    """`4420@2026-12-01`; with the time of day where that is not midnight, and with the row's hours."""
    day = str(effective_from).removesuffix("+00:00").removesuffix(" 00:00:00").replace(" ", "T")
    return f"{prefix}@{day}" if hours is None else f"{prefix}@{day} {hours}"


def _row_problems(prices: PriceList) -> list[FileProblem]:
    try:
        check(ReferenceData(decks=(RateDeck(deck_id="list", rates=prices.rates),)))
    except BookError as error:
        return [
            FileProblem(prices.file, prices.lines[found.position], f"{found.name}, {found.field}", found.found,
                        found.expected)
            for found in error.problems
        ]  # fmt: skip
    return []
