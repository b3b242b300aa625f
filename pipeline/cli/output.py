"""How commands print: tables for people on a terminal, JSON lines for scripts, problems on stderr."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import DownloadColumn, Progress
from rich.table import Table

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON lines for scripts instead of a table.")]

WIDTH_OF_A_PIPE = 160
"""Columns of a table that is not printed on a terminal."""

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))}
"""Control characters but tab and line end: received text must not steer the terminal that shows it."""

console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_OF_A_PIPE)
problems = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())
"""Messages; whoever reads them from a pipe gets each in one line, so that a path in it can be copied."""


def print_rows(rows: Iterable[Mapping[str, Any]], *, as_json: bool, title: str | None = None) -> None:
    """Print records of equal keys, as a table or as JSON lines. Decimals and times are printed as text."""
    records = list(rows)
    if as_json:
        for record in records:
            typer.echo(json.dumps(record, default=_text, ensure_ascii=False))
        return
    columns: Sequence[str] = list(records[0]) if records else []
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        numeric = all(isinstance(record[column], int | float) or record[column] is None for record in records)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold", no_wrap=numeric)
    for record in records:
        table.add_row(*("" if record[column] is None else _shown(_text(record[column])) for column in columns))
    console.print(table if records else f"{title or 'Result'}: nothing to show")


@contextmanager
def byte_progress(title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr, for a terminal only; yields what to call with each number of bytes done."""
    if total is None or not problems.is_terminal:
        yield lambda _: None
        return
    with Progress(*Progress.get_default_columns(), DownloadColumn(), console=problems, transient=True) as progress:
        task = progress.add_task(title, total=total)
        yield lambda done: progress.update(task, advance=done)


def fail(message: str, *, code: int = 2) -> NoReturn:
    """Print what is wrong and what to do, without a traceback, and end with `code`."""
    problems.print(f"[bold red]trunkline:[/] {_shown(message)}")
    raise typer.Exit(code)


def _text(value: object) -> str:
    """A decimal with every digit and no exponent, 0.000000500 and not 5.00E-7; all else as Python writes it."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _shown(text: str) -> str:
    """Text as a terminal shows it: brackets are no markup, control characters are written out."""
    return escape(text.translate(_CONTROL))
