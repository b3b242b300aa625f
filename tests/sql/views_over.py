"""Views over rows that a test writes down: no files, no Delta table."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from pipeline.sql.book_tables import BOOK_TABLES
from pipeline.sql.connection import ROWS, create_views, store, store_book
from schemas.ledger import USAGE_SCHEMA
from schemas.reference import ReferenceData
from tests.ledger.rows import a_row, a_table


def written(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A row whose money is written as text."""
    return a_row(**{name: _typed(name, value) for name, value in fields.items()})


def _typed(name: str, value: Any) -> Any:
    is_money = name in USAGE_SCHEMA.names and pa.types.is_decimal(USAGE_SCHEMA.field(name).type)
    return Decimal(value) if is_money and value is not None else value


def views_over(
    rows: Iterable[Mapping[str, Any]] = (), book: ReferenceData | None = None, *, mask: bool = False
) -> duckdb.DuckDBPyConnection:
    """A connection with every view over these rows; the next call puts other rows under the same views."""
    connection = _views(mask)
    for name in (ROWS, *BOOK_TABLES):
        connection.execute(f"DROP TABLE {name}")
    store(connection, ROWS, a_table(*(written(row) for row in rows)))
    store_book(connection, book or ReferenceData())
    return connection


@cache
def _views(mask: bool) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    store(connection, ROWS, a_table())
    store_book(connection, ReferenceData())
    create_views(connection, mask=mask)
    return connection
