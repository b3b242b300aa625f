"""Tax reports: one SQL file for each question, over `tax_lines` (rating.tax.table) and `usage` (the ledger's view).

Each file takes the half-open months `$first` and `$after` as text, such as 2026-04 and 2026-07.
"""

from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from rating.tax.allocation import Allocation
from rating.tax.terms import CallScope
from rating.tax.traffic_study import IndeterminatePolicy, StudyMargin, study_allocation, study_margin

FOLDER = Path(__file__).parent
REPORTS = tuple(sorted(path.stem for path in FOLDER.glob("*.sql")))
"""Names of the reports."""


class Confidence(NamedTuple):
    """What makes a study acceptable: standard deviations of the confidence, and the largest margin of error."""

    deviations: Decimal
    limit: Decimal


class Study(NamedTuple):
    """A traffic study of the ledger: shares, calls measured, and the margin of error of the share not intrastate."""

    allocation: Allocation
    calls: int
    margin: StudyMargin


def run_report(connection: duckdb.DuckDBPyConnection, name: str, first: str, after: str) -> pa.Table:
    """The rows of a report over `[first, after)`. KeyError lists the known reports."""
    if name not in REPORTS:
        raise KeyError(f"No report {name!r}. Known: {', '.join(REPORTS)}")
    query = (FOLDER / f"{name}.sql").read_text()
    return connection.sql(query, params={"first": first, "after": after}).to_arrow_table()


def measure_traffic(
    connection: duckdb.DuckDBPyConnection, first: str, after: str, policy: IndeterminatePolicy, confidence: Confidence
) -> Study:
    """Shares of the calls that UNLIMITED plans included over `[first, after)`, and whether they may be used.

    ValueError when there were none.
    """
    rows = run_report(connection, "traffic_study", first, after).to_pylist()
    allocation = study_allocation({CallScope(row["call_scope"]): row["seconds"] for row in rows}, policy)
    calls = sum(row["calls"] for row in rows)
    share = allocation.interstate + allocation.international
    return Study(allocation, calls, study_margin(share, calls, confidence.deviations, confidence.limit))
