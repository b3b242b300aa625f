"""Records that are one line of separated values, with the quotes that real sources write (mediation.md R29, R47)."""

import csv
import re

from pipeline.mediation.draft import Unreadable, shown
from pipeline.mediation.texts import FIELDS_MAX
from schemas.outcomes import RejectReason


def split_line(line: str, separator: str = ",") -> list[str]:
    """The values of one line; raw quotes inside of a value become apostrophes.

    A quote that is next to neither a separator nor an end of the line cannot open or close a value. Lines that
    follow the rules of CSV are not touched. Raises Unreadable: BAD_QUOTE, TOO_LONG.
    """
    values = _split(line, separator)
    if values is None:
        values = _split(_inner_quote(separator).sub("'", line), separator)
    if values is None:
        detail = f"A quote is opened and not closed in the line that ends {shown(line[-40:])}."
        raise Unreadable(RejectReason.BAD_QUOTE, detail)
    if len(values) > FIELDS_MAX:
        raise Unreadable(RejectReason.TOO_LONG, f"The line has {len(values)} values, expected at most {FIELDS_MAX}.")
    return values


def _split(line: str, separator: str) -> list[str] | None:
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return None


def _inner_quote(separator: str) -> re.Pattern[str]:
    sign = re.escape(separator)
    return re.compile(f'(?<!^)(?<!{sign})"(?!{sign}|$)')
