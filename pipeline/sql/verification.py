"""`trunkline ledger verify`: what must hold of a ledger, checked on one snapshot.

Each audit is an SQL file of `audits/` that returns a row for whatever is wrong; its header says what must hold.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from pipeline.ledger.marks import LEG_TOPIC
from pipeline.ledger.table import UsageLedger
from pipeline.sql.connection import connect_to, store
from schemas.ledger import USAGE_SCHEMA

FOLDER = Path(__file__).parent / "audits"
AUDITS = (
    "row_ids", "row_id_parts", "records", "corrections", "outcomes", "keys", "duplicates", "balance", "positions",
    "books",
)  # fmt: skip
"""Names of the audits, in the order in which they are made."""
EXAMPLES = 3
"""Findings that are shown of each audit."""


class Check(NamedTuple):
    """One thing that must hold, and what speaks against it."""

    name: str
    must_hold: str
    findings: int
    examples: list[str]


def verify(ledger: UsageLedger) -> Iterator[Check]:
    """Check the snapshot that this handle sees, one thing after the other. Raises LedgerUnavailable."""
    yield _schema(ledger)
    connection = connect_to(ledger)
    marks = ledger.marks()
    store(connection, "marks", marks_table(marks))
    store(connection, "books", pa.table({"book_hash": pa.array(sorted(ledger.books().hashes()), pa.string())}))
    for name in AUDITS:
        yield audit(connection, name)


def audit(connection: duckdb.DuckDBPyConnection, name: str) -> Check:
    """Run one audit over the views of a connection that also has the tables `marks` and `books`."""
    must_hold, query = _audit(name)
    connection.execute(query)
    columns = [column[0] for column in connection.description]
    examples = connection.fetchmany(EXAMPLES)
    findings = len(examples) + len(connection.fetchall())
    return Check(name, must_hold, findings, [_told(columns, row) for row in examples])


def marks_table(marks: dict[str, int]) -> pa.Table:
    """Marks of raw partitions (`cdr.leg-3<cdr.raw.sbc1-0`) and of `cdr.leg` itself, whose `raw_partition` is null."""
    rows = []
    for name, value in marks.items():
        leg, _, raw = name.partition("<")
        topic, _, number = leg.rpartition("-")
        if topic == LEG_TOPIC:
            rows.append({"leg_partition": int(number), "raw_partition": raw or None, "value": value})
    return pa.Table.from_pylist(rows, schema=_MARKS)


_MARKS = pa.schema([("leg_partition", pa.int32()), ("raw_partition", pa.string()), ("value", pa.int64())])


@cache
def _audit(name: str) -> tuple[str, str]:
    text = (FOLDER / f"{name}.sql").read_text()
    header = [line.removeprefix("-- ") for line in text.splitlines() if line.startswith("--")]
    return " ".join(header), text


def _told(columns: list[str], row: tuple[object, ...]) -> str:
    return ", ".join(f"{column} {value}" for column, value in zip(columns, row, strict=True))


def _schema(ledger: UsageLedger) -> Check:
    found = {field.name: field.type for field in pa.schema(ledger.table.schema().to_arrow())}
    expected = {field.name: _as_stored(field.type) for field in USAGE_SCHEMA}
    wrong = [
        f"{name} is {found.get(name, 'missing')}, expected {expected.get(name, 'no such column')}"
        for name in {**expected, **found}
        if found.get(name) != expected.get(name)
    ]
    return Check("schema", "The table has the columns and types of its format.", len(wrong), wrong[:EXAMPLES])


def _as_stored(type_: pa.DataType) -> pa.DataType:
    """Delta Lake knows bytes of any length only."""
    return pa.binary() if pa.types.is_fixed_size_binary(type_) else type_
