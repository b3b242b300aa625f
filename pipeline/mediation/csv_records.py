"""Records that are one line of separated values, with the quotes that real sources write (mediation.md R29, R47)."""

import csv
import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.mediation.draft import Unreadable, shown
from pipeline.mediation.texts import FIELDS_MAX
from schemas.outcomes import RejectReason


def split_line(line: str, separator: str = ",", columns_min: int = 0) -> list[str]:
    """The values of one line; raw quotes inside of a value become apostrophes.

    A quote that is next to neither a separator nor an end of the line cannot open or close a value, and a value that
    goes on behind its closing quote (`"Desk 6" <1001>`) was never quoted as a whole. Lines that follow the rules of
    CSV are not touched. A line that ends within a quoted value was cut if it has fewer than `columns_min` columns, the
    number of the shortest layout (R29). Raises Unreadable: TRUNCATED, BAD_QUOTE, TOO_LONG.
    """
    values = _split(line, separator)
    if values is None:
        values = _split_repaired(line, separator)
    if values is None:
        raise _open_quote(line, line.count(separator) + 1, columns_min)
    if len(values) > FIELDS_MAX:
        raise Unreadable(RejectReason.TOO_LONG, f"The line has {len(values)} values, expected at most {FIELDS_MAX}.")
    return values


def _open_quote(line: str, columns: int, columns_min: int) -> Unreadable:
    """A quote that nobody closed, in a whole line or at the end of a line that was cut."""
    if columns < columns_min:
        detail = f"The line ends in column {columns} of at least {columns_min}, within a quote: {shown(line[-40:])}."
        return Unreadable(RejectReason.TRUNCATED, detail)
    return Unreadable(
        RejectReason.BAD_QUOTE, f"A quote is opened and not closed in the line that ends {shown(line[-40:])}."
    )


def _split(line: str, separator: str) -> list[str] | None:
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return None


def _split_repaired(line: str, separator: str) -> list[str] | None:
    repairs = _repairs(separator)
    values = _split(repairs.inner_quote.sub("'", line), separator)
    if values is None:
        line = repairs.quoted_beginning.sub(r"'\1'\2", line)
        values = _split(repairs.inner_quote.sub("'", line), separator)
    return values


class _Repairs(NamedTuple):
    inner_quote: re.Pattern[str]
    quoted_beginning: re.Pattern[str]


@lru_cache
def _repairs(separator: str) -> _Repairs:
    sign = re.escape(separator)
    return _Repairs(
        re.compile(f'(?<!^)(?<!{sign})"(?!{sign}|$)'),
        re.compile(f'(?:(?<=^)|(?<={sign}))"([^"{sign}]*)"([^"{sign}]+)(?={sign}|$)'),
    )
