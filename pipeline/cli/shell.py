"""The interactive shell: DuckDB SQL with history and completion of view and column names."""

import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipeline.cli.opened import LedgerOption, open_views
from pipeline.cli.output import console, problems
from pipeline.cli.sql import MaskOption, print_answer

if TYPE_CHECKING:
    import duckdb

PROMPT, CONTINUED = "trunkline> ", "      ...> "
HELP = """Write SQL and end it with a semicolon. Nothing in the ledger can be changed.
.views     list the views
.refresh   see what the workers have written since
.quit      leave (also Ctrl-D)"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("shell")(shell)


def shell(ledger: LedgerOption = None, *, mask: MaskOption = False) -> None:
    """Ask the ledger again and again; reads statements from a pipe too."""
    from pipeline.sql.catalog import VIEWS

    connection = open_views(ledger, mask=mask)
    interactive = sys.stdin.isatty()
    if interactive:
        _remember_and_complete(connection)
        console.print(f"Views: {', '.join(VIEWS)}. Type .help for help.")
    ends_well = True
    for text in _statements(_typed if interactive else _piped):
        if text == ".quit":
            break
        if text == ".refresh":
            connection = open_views(ledger, mask=mask)
            continue
        ends_well = _answer(connection, text)
        if not (ends_well or interactive):
            break
    if not (ends_well or interactive):
        raise typer.Exit(2)


def _answer(connection: "duckdb.DuckDBPyConnection", text: str) -> bool:
    """Print the answers to the statements of a text, or what is wrong with one; tell whether all were right."""
    import duckdb
    from rich.markup import escape

    from pipeline.cli.sql import views
    from pipeline.cli.watched import watched
    from pipeline.sql.statements import BadQuery, ask, statements

    if text.startswith("."):
        views() if text == ".views" else console.print(HELP)
        return True
    try:
        for query in statements(connection, text):
            print_answer(watched(connection, partial(ask, connection, query)))
    except BadQuery as error:
        problems.print(f"[bold red]{escape(str(error))}[/]")
        return False
    except (KeyboardInterrupt, duckdb.InterruptException):
        problems.print("Interrupted.")
    return True


def _statements(read: Callable[[str], str | None]) -> Iterator[str]:
    """Dot commands, and texts up to a line that ends with a semicolon."""
    lines: list[str] = []
    while (line := read(CONTINUED if lines else PROMPT)) is not None:
        if not lines and line.strip().startswith("."):
            yield line.strip()
            continue
        lines = [*lines, line] if line.strip() else lines
        if line.rstrip().endswith(";"):
            yield "\n".join(lines)
            lines = []
    if lines:
        yield "\n".join(lines)


def _typed(prompt: str) -> str | None:
    try:
        return input(prompt)
    except KeyboardInterrupt:
        typer.echo()
        return ""
    except EOFError:
        typer.echo()
        return None


def _piped(_: str) -> str | None:
    return sys.stdin.readline() or None


def _remember_and_complete(connection: "duckdb.DuckDBPyConnection") -> None:
    """Read the history and write it at the end; the tab key completes names."""
    import atexit
    import readline

    history = Path(os.environ.get("XDG_STATE_HOME", Path.home() / ".local" / "state")) / "trunkline" / "history"
    history.parent.mkdir(parents=True, exist_ok=True)
    if history.exists():
        readline.read_history_file(history)
    atexit.register(readline.write_history_file, history)
    names = connection.execute("SELECT table_name FROM duckdb_columns() UNION SELECT column_name FROM duckdb_columns()")
    words = sorted(name for (name,) in names.fetchall())
    readline.set_completer(lambda start, at: ([word for word in words if word.startswith(start)] + [None])[at])
    readline.parse_and_bind("tab: complete")
