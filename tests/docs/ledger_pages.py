"""docs/ledger.md, made from the ledger's schema, and docs/views.md, made from the headers of the SQL files."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from pipeline.sql.book_tables import BOOK_TABLES
from pipeline.sql.catalog import VIEWS, View, definition
from pipeline.sql.verification import AUDITS, FOLDER
from schemas.ledger import LEDGER_FORMAT, PRICE_FIELDS, ROW_FIELDS, USAGE_SCHEMA
from schemas.outcomes import Flag, RejectReason, State
from tests.sql.views_over import views_over

LEDGER_INTRODUCTION = """# The usage ledger

One row for each received record, whatever became of it; format {format}. The ledger is the Delta Lake table `usage`
under `ledger_url`: Parquet files that any tool reads, and a log that makes each commit one step. Beside it lie `books`,
the snapshots of the reference data, and `billing`, what closing has written. This page is made from
`schemas/ledger.py` by `make docs`. How to ask the ledger: [sql.md](sql.md).

A row is never updated. A correction is a further row with the next `version` of the same record, and `replaces` names
the row that it takes the place of. What counts is every row that no other row replaces: the view `current`. Positions
are kept in the log of the same table, so that rows and positions change together or not at all.
"""
VIEWS_INTRODUCTION = """# Views of the ledger

Each view is one file in `pipeline/sql/views`; this page is made from them by `make docs`. Examples: [sql.md](sql.md).
The grain is what no two rows of a view have in common.
"""
MANY = 60
"""A view of more columns than this is the ledger's row, and is not listed column by column."""


def ledger_page() -> str:
    """The columns of the usage ledger in their three groups, and the closed lists."""
    fields = {field.name: field for field in USAGE_SCHEMA}
    records = [name for name in fields if name not in {*ROW_FIELDS, *PRICE_FIELDS}]
    return "\n".join(
        [
            *LEDGER_INTRODUCTION.format(format=LEDGER_FORMAT).splitlines(), "",
            "## The row", "", *_columns(fields[name] for name in ROW_FIELDS), "",
            "## The record, as it was received", "", *_columns(fields[name] for name in records), "",
            "## Its price", "",
            "Null where the record was not priced. Money is DECIMAL(18,9) in the account's currency.", "",
            *_columns(fields[name] for name in PRICE_FIELDS), "",
            "## Closed lists", "",
            f"* `state`: {_listed(State)}",
            f"* `reject_reason`, the first that applies: {_listed(RejectReason)}",
            f"* `flags`: {_listed(Flag)}", "",
            "## What must hold", "",
            "`trunkline ledger verify` checks it, and ends with 1 if anything speaks against it.", "",
            "| check | must hold |", "|---|---|",
            *(f"| `{name}` | {_must_hold(name)} |" for name in AUDITS), "",
        ]
    )  # fmt: skip


def views_page() -> str:
    """Every view with its grain and columns, and the tables of reference data."""
    lines = [*VIEWS_INTRODUCTION.splitlines(), ""]
    for name in VIEWS:
        lines += [f"## {name}", "", definition(name).description, "", f"Grain: {_named(definition(name).grain)}.", ""]
        lines += [*_view_columns(definition(name)), ""]
    lines += [
        "## Reference data",
        "",
        "Tables of the book that the last row was rated with. Intervals are half-open.",
        "",
    ]
    for name, schema in BOOK_TABLES.items():
        grain = (schema.metadata or {})[b"grain"].decode()
        lines += [f"* `{name}` (grain {grain}): {', '.join(f'`{column}`' for column in schema.names)}"]
    return "\n".join([*lines, "* `snapshot`: `ledger_url`, `version`, `files` and `book_hash` of what is seen", ""])


def _view_columns(view: View) -> Iterator[str]:
    described = views_over().execute(f"DESCRIBE {view.name}").fetchall()
    if len(described) > MANY:
        yield f"{len(described)} columns, those of [the ledger](ledger.md)."
        return
    yield from ("| column | type | meaning |", "|---|---|---|")
    for name, type_, *_ in described:
        yield f"| `{name}` | {type_.replace('TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ')} | {_meaning(view, name)} |"


def _meaning(view: View, column: str) -> str:
    return view.columns.get(column) or USAGE_SCHEMA.field(column).metadata[b"description"].decode()


def _columns(fields: Iterable[pa.Field]) -> Iterator[str]:
    yield from ("| column | type | always known | meaning |", "|---|---|---|---|")
    for field in fields:
        known = "" if field.nullable else "yes"
        yield f"| `{field.name}` | {_type(field.type)} | {known} | {field.metadata[b'description'].decode()} |"


def _type(type_: pa.DataType) -> str:
    if pa.types.is_decimal(type_):
        return f"DECIMAL({type_.precision},{type_.scale})"
    if pa.types.is_list(type_):
        return "list of text"
    names = {"string": "text", "timestamp[us, tz=UTC]": "instant, UTC", "date32[day]": "date", "bool": "yes or no"}
    return names.get(str(type_), "bytes" if "binary" in str(type_) else str(type_))


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _named(grain: str) -> str:
    return _listed(name.strip() for name in grain.split(","))


def _must_hold(audit: str) -> str:
    lines = (FOLDER / f"{audit}.sql").read_text().splitlines()
    return " ".join(line.removeprefix("-- ") for line in lines if line.startswith("--"))
