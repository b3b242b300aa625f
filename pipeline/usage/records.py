"""Rows of a query by the names of their columns."""

from collections.abc import Mapping
from typing import Any

import duckdb


def records(connection: duckdb.DuckDBPyConnection, query: str, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Ask a query with named parameters. Times of an instant are in UTC."""
    found = connection.execute(query, dict(given))
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
