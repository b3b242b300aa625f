"""The views: which there are, and what the header of each SQL file says of it.

A file begins with comments: a description, `Grain:` and the columns that are a row's identity, then one line for each
column that is not the ledger's own, `name: meaning`. docs/views.md is generated from them.
"""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "views"
_MASKED = Path(__file__).parent / "masked_ledger.sql"

VIEWS = (
    "ledger",
    "current",
    "cdr",
    "usage",
    "rejects",
    "duplicates",
    "pending",
    "merged",
    "balance",
    "reject_reasons",
    "sequence_gaps",
    "sources",
    "files",
    "usage_daily",
    "usage_by_destination",
    "usage_by_codec",
    "usage_by_sbc",
    "capacity_refusals",
    "channel_use",
    "capacity_daily",
    "fair_use",
    "fair_use_breaches",
    "suspects",
)
"""Names of the views, in an order in which each uses only those before it."""

_COLUMN = re.compile(r"(\w+): (.+)")


class View(NamedTuple):
    """One SQL file."""

    name: str
    description: str
    grain: str
    columns: dict[str, str]
    """Meaning of each column that the view computes; the others are the ledger's."""
    query: str


@cache
def definition(name: str) -> View:
    """Read one view. KeyError lists the known ones."""
    if name not in VIEWS:
        raise KeyError(f"No view {name!r}. Known: {', '.join(VIEWS)}")
    text = (FOLDER / f"{name}.sql").read_text()
    header = [line.removeprefix("--").strip() for line in text.splitlines() if line.startswith("--")]
    at = next(number for number, line in enumerate(header) if line.startswith("Grain: "))
    matches = (_COLUMN.fullmatch(line) for line in header[at + 1 :])
    columns = {match[1]: match[2] for match in matches if match}
    return View(name, " ".join(header[:at]), header[at].removeprefix("Grain: ").rstrip("."), columns, text)


@cache
def masked_ledger() -> str:
    """The view `ledger` for exports that leave the company."""
    return _MASKED.read_text()
