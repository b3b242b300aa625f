"""Values of SQL as text: for JSON lines, for a terminal, for CSV files that a spreadsheet opens."""

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TextIO

Plain = str | int | float | bool | list["Plain"] | dict[str, "Plain"] | None
"""What JSON knows."""

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_NOT_PRINTABLE = re.compile(r"[^ -\[\]-~]")
_FORMULA = re.compile(r"[=+\-@\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9][0-9.]*")


def plain(value: object) -> Plain:
    """A value that JSON holds exactly: money and times as text, bytes as DuckDB writes a BLOB."""
    match value:
        case None | str() | int() | float():
            return value
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return _written(value)


def _written(value: object) -> str:
    match value:
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case bytes():
            return _NOT_PRINTABLE.sub(_escaped, value.decode("latin-1"))
        case _:
            return str(value)


def shown(value: object) -> str | int | float | None:
    """A value for a terminal. Control characters of a record are written out, so that none of them acts."""
    text = plain(value)
    if isinstance(text, list | dict):
        text = json.dumps(text, ensure_ascii=False)
    return _CONTROL.sub(_escaped, text) if isinstance(text, str) else text


def _escaped(character: re.Match[str]) -> str:
    return f"\\x{ord(character[0]):02X}"


def cell(value: object) -> str | int | float | None:
    """A value for a CSV file. Text that a spreadsheet would run as a formula gets an apostrophe before it.

    Records come from strangers: a display name may be `=HYPERLINK(...)`. A telephone number with its plus is no
    formula and stays as it is.
    """
    text = plain(value)
    if isinstance(text, list):
        text = " ".join(str(item) for item in text)
    if isinstance(text, dict):
        text = str(text)
    if isinstance(text, str) and _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]], file: TextIO) -> None:
    """Write a header and rows, safe to open in a spreadsheet."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([cell(column) for column in columns])
    writer.writerows([cell(value) for value in row] for row in rows)
