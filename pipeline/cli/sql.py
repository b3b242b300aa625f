"""Commands that ask the ledger: one question, or a file of views for other tools."""

import json
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.opened import LedgerOption, find_billing, open_ledger, open_views
from pipeline.cli.output import JsonOption, fail, print_rows, problems

if TYPE_CHECKING:
    from pipeline.sql.statements import Answer

TABLE_ROWS = 1000
"""Rows of a table on a terminal; JSON and CSV have no limit."""

MaskOption = Annotated[bool, typer.Option("--mask", help="Mask telephone numbers and names; totals do not change.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV that is safe to open in a spreadsheet.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("sql")(sql)
    app.command("views")(views)


def sql(
    query: Annotated[str, typer.Argument(help="Such as 'FROM usage_daily', or - to read it from standard input.")],
    ledger: LedgerOption = None,
    *,
    mask: MaskOption = False,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """Ask the ledger one question in DuckDB SQL; `trunkline views` lists what there is to ask."""
    from pipeline.cli.watched import watched
    from pipeline.sql.statements import BadQuery, ask

    text = sys.stdin.read() if query == "-" else query
    connection = open_views(ledger, mask=mask)
    try:
        print_answer(watched(connection, lambda: ask(connection, text)), as_csv=as_csv, as_json=as_json)
    except BadQuery as error:
        fail(str(error))


def print_answer(answer: "Answer", *, as_csv: bool = False, as_json: bool = False) -> None:
    """Print all rows as JSON lines or CSV, or the first TABLE_ROWS as a table. BadQuery if a later row fails."""
    from pipeline.sql.texts import plain, shown, write_csv

    if as_csv:
        write_csv(answer.columns, answer.rows, sys.stdout)
        return
    if as_json:
        for row in answer.rows:
            record = {name: plain(value) for name, value in zip(answer.columns, row, strict=True)}
            typer.echo(json.dumps(record, ensure_ascii=False))
        return
    records = ({name: shown(value) for name, value in zip(answer.columns, row, strict=True)} for row in answer.rows)
    print_rows(islice(records, TABLE_ROWS), as_json=False)
    if next(records, None) is not None:
        problems.print(f"Only the first {TABLE_ROWS} rows are shown; take them all with --csv or --json.")


def views(
    out: Annotated[Path | None, typer.Option("--out", help="Write a DuckDB file, such as ledger.duckdb.")] = None,
    ledger: LedgerOption = None,
    *,
    mask: MaskOption = False,
    as_json: JsonOption = False,
) -> None:
    """List the views, or write them to a file that any DuckDB client or BI tool opens."""
    from pipeline.sql.catalog import VIEWS, definition

    if out is None:
        shown = [definition(name) for name in VIEWS]
        print_rows(
            [{"view": view.name, "one row for each": view.grain, "what": view.description} for view in shown],
            as_json=as_json,
        )
        return
    _export(out, ledger, mask=mask, as_json=as_json)


def _export(out: Path, url: str | None, *, mask: bool, as_json: bool) -> None:
    import duckdb

    from pipeline.billing.analysts import billing_views
    from pipeline.cli.watched import RowsBar
    from pipeline.ledger.errors import LedgerError
    from pipeline.sql.export import export_views

    ledger = open_ledger(url)
    try:
        with RowsBar("Copying rows") as bar:
            invoices = billing_views(find_billing(ledger.url), mask=mask)
            done = export_views(ledger, out, mask=mask, progress=bar.show, also=invoices)
    except (OSError, duckdb.Error) as error:
        fail(f"{out} cannot be written: {error}. Name a file in a folder that exists and is writable.")
    except LedgerError as error:
        fail(str(error), code=3)
    holds = "the rows" if done.copied else "views over the ledger's files"
    print_rows(
        [{"file": str(out), "holds": holds, **done.snapshot._asdict()}],
        as_json=as_json, title=f"Version {done.snapshot.version} of the ledger",
    )  # fmt: skip
