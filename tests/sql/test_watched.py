"""Progress and Ctrl-C of long work."""

import threading
import time

import duckdb
import pytest

from pipeline.cli import watched as module
from pipeline.cli.watched import RowsBar, StepsBar, watched

ENDLESS = "SELECT count(*) FROM range(10000000000) AS a(i), range(100000) AS b(j) WHERE i * j % 7 = 3"


def test_work_that_is_quick_is_returned():
    """Nothing is drawn."""
    connection = duckdb.connect()
    assert [(42,)] == watched(connection, lambda: connection.execute("SELECT 42").fetchall())


def test_work_that_takes_longer_is_watched(monkeypatch):
    """The bar asks DuckDB how far it is."""
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.0)
    connection = duckdb.connect()
    assert "done" == watched(connection, lambda: time.sleep(0.3) or "done")


def test_an_error_comes_through():
    """The exception of the work is that of the call."""
    with pytest.raises(duckdb.ParserException):
        watched(duckdb.connect(), lambda: duckdb.connect().execute("SELEC"))


def test_ctrl_c_ends_the_query(monkeypatch):
    """DuckDB is interrupted, and the thread ends with it."""
    connection = duckdb.connect()
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.0)

    def pressed(*_: object) -> None:
        time.sleep(0.5)
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_show", pressed)
    with pytest.raises(KeyboardInterrupt):
        watched(connection, lambda: connection.execute(ENDLESS).fetchall())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("query")]


def test_bars_count():
    """Rows and steps move a bar each and hand results on."""
    with RowsBar("Rows") as rows, StepsBar("Steps", 2) as steps:
        rows.show(1, 2)
        assert ["a", "b"] == [steps.after(step) for step in ("a", "b")]
