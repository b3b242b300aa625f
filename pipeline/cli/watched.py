"""Progress bars on stderr for work that takes longer than a second, and a clean end for Ctrl-C."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self, TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from pipeline.cli.output import problems

if TYPE_CHECKING:
    import duckdb

Result = TypeVar("Result")
PATIENCE_SECONDS = 1.0
_TICK_SECONDS = 0.1


def watched(connection: "duckdb.DuckDBPyConnection", work: Callable[[], Result]) -> Result:
    """Run a query in a thread and show how far it is; Ctrl-C interrupts the query."""
    with ThreadPoolExecutor(1, "query") as pool:
        running = pool.submit(work)
        done = threading.Event()
        running.add_done_callback(lambda _: done.set())
        try:
            if not done.wait(PATIENCE_SECONDS):
                _show(connection, done)
        except KeyboardInterrupt:
            connection.interrupt()
            raise
        return running.result()


def _show(connection: "duckdb.DuckDBPyConnection", done: threading.Event) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=problems, transient=True) as progress:
        task = progress.add_task("Asking", total=100)
        while not done.wait(_TICK_SECONDS):
            # DuckDB answers -1 while it plans.
            progress.update(task, completed=max(0, connection.query_progress()))


class RowsBar:
    """A bar that counts rows; it appears with the first ones."""

    def __init__(self, title: str) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=problems, transient=True)
        self._task = self._progress.add_task(title, total=None, visible=False)

    def __enter__(self) -> Self:
        """Start to draw."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave a clean terminal."""
        self._progress.stop()

    def show(self, done: int, total: int) -> None:
        """Move the bar."""
        self._progress.update(self._task, completed=done, total=total, visible=True)


class StepsBar:
    """A bar over steps of known number."""

    def __init__(self, title: str, total: int) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=problems, transient=True)
        self._task = self._progress.add_task(title, total=total)

    def __enter__(self) -> Self:
        """Start to draw."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave a clean terminal."""
        self._progress.stop()

    def after(self, result: Result) -> Result:
        """Count one step; return its result."""
        self._progress.advance(self._task)
        return result
