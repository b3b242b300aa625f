"""What may be asked, and what a wrong question is told."""

from pathlib import Path

import duckdb
import pytest

from pipeline.sql.statements import BadQuery, ask
from tests.sql.views_over import views_over


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM usage", "FROM usage;", "WITH a AS (FROM usage) SELECT count(*) FROM a", "VALUES (1)",
        "PIVOT ledger ON state USING count(*)", "DESCRIBE usage", "SHOW TABLES", "SUMMARIZE balance",
        "EXPLAIN FROM usage",
        "EXPLAIN ANALYZE SELECT 1", "EXPLAIN (FORMAT json) SELECT 1", "(SELECT 1)", "/* why */ SELECT 1 -- so",
    ],
)  # fmt: skip
def test_questions_are_answered(query):
    """Everything that only reads, with comments and semicolons as they come."""
    assert list(ask(views_over([{"offset": 1}]), query).rows)


@pytest.mark.parametrize(
    "query",
    [
        "CREATE TABLE mine AS SELECT 1", "CREATE TABLE mine AS PIVOT ledger ON state USING count(*)", "DROP VIEW usage",
        "INSERT INTO ledger_rows FROM ledger_rows", "DELETE FROM ledger_rows", "SET threads = 1", "ATTACH 'x.duckdb'",
        "EXPORT DATABASE 'x'", "CHECKPOINT", "INSTALL httpfs", "COPY (SELECT 1) TO 'x.csv'",
        "COPY (PIVOT ledger ON state USING count(*)) TO 'x.csv'", "EXPLAIN ANALYZE COPY (SELECT 1) TO 'x.csv'",
        "WITH a AS (SELECT 1) INSERT INTO ledger_rows SELECT * FROM a",
    ],
)  # fmt: skip
def test_nothing_is_written(query, tmp_path, monkeypatch):
    """Every statement that could write is refused before it runs, in whatever clothes."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadQuery, match=r"is no question.*nothing in the ledger can be changed"):
        ask(views_over([{"offset": 1}]), query)
    assert [] == list(Path().iterdir())


@pytest.mark.parametrize(("query", "found"), [("", 0), ("-- nothing", 0), ("SELECT 1; SELECT 2", 2)])
def test_one_statement_at_a_time(query, found):
    """None or two are not one."""
    with pytest.raises(BadQuery, match=f"Expected one statement, found {found}"):
        ask(views_over(), query)


def test_an_unknown_view_lists_the_known_ones():
    """The message says what there is."""
    with pytest.raises(BadQuery, match=r"nix does not exist[\s\S]*Views: ledger, current, cdr, usage"):
        ask(views_over(), "FROM nix")


def test_an_unknown_column_names_candidates():
    """DuckDB's own advice reaches the user."""
    with pytest.raises(BadQuery, match="Candidate bindings"):
        ask(views_over(), "SELECT chrage FROM usage")


def test_bad_syntax_shows_where():
    """The place is marked."""
    with pytest.raises(BadQuery, match=r"syntax error[\s\S]*\^"):
        ask(views_over(), "SELEC 1")


def test_a_late_error_is_a_bad_query_too():
    """A cast that fails in the last row, after the first rows were taken."""
    query = "SELECT CASE WHEN i < 299999 THEN '1' ELSE 'x' END::INTEGER FROM range(300000) AS t(i)"
    with pytest.raises(BadQuery, match="Could not convert string 'x'"):
        list(ask(views_over(), query).rows)


def test_rows_come_in_order_and_once():
    """More rows than one fetch holds."""
    answer = ask(views_over(), "SELECT i FROM range(25000) AS t(i) ORDER BY i")
    assert (["i"], list(range(25000))) == (answer.columns, [row[0] for row in answer.rows])


def test_a_question_may_be_left_half_read():
    """The next one does not mind."""
    connection = views_over()
    next(ask(connection, "SELECT i FROM range(100000) AS t(i)").rows)
    assert [(1,)] == list(ask(connection, "SELECT 1").rows)


def test_an_interrupt_is_no_bad_query():
    """Ctrl-C ends a question; it is not the question's fault."""
    connection = duckdb.connect()
    connection.execute("SELECT 1").fetchall()
    assert not issubclass(duckdb.InterruptException, BadQuery)
