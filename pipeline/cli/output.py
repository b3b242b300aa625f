"""How commands print: tables for people on a terminal, JSON lines for scripts, problems on stderr."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON lines for scripts instead of a table.")]

console = Console(highlight=False)
problems = Console(stderr=True, highlight=False)


def print_rows(rows: Iterable[Mapping[str, Any]], *, as_json: bool, title: str | None = None) -> None:
    """Print records of equal keys, as a table or as JSON lines. Decimals and times are printed as text."""
    records = list(rows)
    if as_json:
        for record in records:
            typer.echo(json.dumps(record, default=str, ensure_ascii=False))
        return
    columns: Sequence[str] = list(records[0]) if records else []
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        numeric = all(isinstance(record[column], int | float) or record[column] is None for record in records)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for record in records:
        table.add_row(*(escape("" if record[column] is None else str(record[column])) for column in columns))
    console.print(table if records else f"{title or 'Result'}: nothing to show")


def fail(message: str, *, code: int = 2) -> NoReturn:
    """Print what is wrong and what to do, without a traceback, and end with `code`."""
    problems.print(f"[bold red]trunkline:[/] {escape(message)}")
    raise typer.Exit(code)
