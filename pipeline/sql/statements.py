"""What a user may ask: statements that only read, and what went wrong in the user's own words."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import duckdb

from pipeline.sql.catalog import VIEWS

ROWS_AT_ONCE = 10_000
_TYPE = duckdb.StatementType
_READS = re.compile(r"(select|from|with|pivot|unpivot|values|describe|desc|show|summarize|\()", re.IGNORECASE)
_EXPLAIN = re.compile(r"explain\s+(analyze\s+|\([^)]*\)\s*)*", re.IGNORECASE)
_ADVICE = (
    "Ask with SELECT, FROM, WITH, PIVOT, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN; nothing in the ledger can be changed."
)


class BadQuery(Exception):
    """The text is no statement, is more than a question, or cannot be answered."""


class Answer(NamedTuple):
    """Column names and the rows, which are read while they are taken."""

    columns: list[str]
    rows: Iterator[tuple[Any, ...]]


def ask(connection: duckdb.DuckDBPyConnection, text: str) -> Answer:
    """Run one statement that only reads, up to its first rows. BadQuery says what is wrong with it."""
    return ask_with(connection, only_read(connection, text), {})


def ask_with(connection: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, object]) -> Answer:
    """Run a query of this program, up to its first rows."""
    connection.abort()
    first = _tried(lambda: connection.execute(query, dict(parameters)).fetchmany(ROWS_AT_ONCE))
    return Answer([column[0] for column in connection.description], _rows(connection, first))


def statements(connection: duckdb.DuckDBPyConnection, text: str) -> list[str]:
    """The statements of a text. BadQuery if it cannot be read."""
    return [statement.query for statement in _tried(lambda: connection.extract_statements(text))]


def only_read(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    """The one statement of a text, if it does not write. BadQuery otherwise."""
    found = _tried(lambda: connection.extract_statements(text))
    if len(found) != 1:
        raise BadQuery(f"Expected one statement, found {len(found)}. {_ADVICE}")
    (statement,) = found
    query: str = statement.query
    if statement.type not in {_TYPE.SELECT, _TYPE.MULTI, _TYPE.EXPLAIN} or not _READS.match(_EXPLAIN.sub("", query)):
        raise BadQuery(f"{query.split(maxsplit=1)[0].upper()} is no question. {_ADVICE}")
    return query


def _rows(connection: duckdb.DuckDBPyConnection, rows: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    while rows:
        yield from rows
        rows = _tried(lambda: connection.fetchmany(ROWS_AT_ONCE))


def _tried(attempt: Callable[[], list[Any]]) -> list[Any]:
    try:
        return attempt()
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        raise BadQuery(_explained(error)) from error


def _explained(error: duckdb.Error) -> str:
    text = str(error).strip()
    if isinstance(error, duckdb.CatalogException):
        return f"{text}\n\nViews: {', '.join(VIEWS)}."
    return text
