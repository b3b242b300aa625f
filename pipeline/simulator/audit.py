"""Compare a ledger with the truth table of its traffic: every record, every second, every charge."""

from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

SHOWN = 10
"""Differences that a report lists; it counts all of them."""

_BALANCE = """
SELECT source, state, reason, sum(expected)::BIGINT AS expected, sum(found)::BIGINT AS found
FROM audit GROUP BY ALL ORDER BY source, state, reason NULLS FIRST
"""
_MONEY = """
SELECT currency, sum(billed_seconds * expected)::BIGINT AS expected_seconds,
       sum(billed_seconds * found)::BIGINT AS found_seconds,
       sum(charge * expected)::VARCHAR AS expected_charge, sum(charge * found)::VARCHAR AS found_charge
FROM audit WHERE state = 'RATED' GROUP BY currency ORDER BY currency
"""
_DIFFERENCES = """
SELECT source, state, reason, billed_seconds, charge, expected, found, fault, file, line, row_id
FROM audit WHERE expected <> found ORDER BY file NULLS LAST, line, row_id
"""


class Audit(NamedTuple):
    """What came out of the comparison."""

    balance: list[dict[str, Any]]
    """Records by source, state and reason, as expected and as found."""
    money: list[dict[str, Any]]
    """Billed seconds and charges by currency, as expected and as found."""
    differences: list[dict[str, Any]]
    """The first ways in which a record ended otherwise than it had to."""
    difference_count: int
    gaps: list[dict[str, Any]]
    """Gaps in the numbers of a node that are only expected, or only found."""


def audit_ledger(views: duckdb.DuckDBPyConnection, truth: Path) -> Audit:
    """Compare the view `current` with a truth table. The ledger must hold nothing else."""
    views.register("truth", views.read_parquet(str(truth)))
    views.execute(f"CREATE OR REPLACE TEMP TABLE audit AS {_query('audit.sql')}")
    differences = _rows(views, _DIFFERENCES)
    gaps = _rows(views, _query("audit_gaps.sql"))
    return Audit(_rows(views, _BALANCE), _rows(views, _MONEY), differences[:SHOWN], len(differences), gaps)


def _query(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _rows(views: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    answer = views.execute(query)
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
