"""The ledger as the API reads it: one snapshot for every request of a moment, opened again when it is old."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow.compute as pc

from pipeline.billing.schema import BILLING_SCHEMA, Part
from pipeline.billing.table import BillingTable
from pipeline.ledger.table import UsageLedger
from pipeline.sql.connection import connect_to, is_local, store

FRESH_SECONDS = 1.0
BILLING = {"billing_documents": Part.DOCUMENT, "billing_lines": Part.LINE, "billing_overage": Part.CALL}
"""Of the calls on documents only those beyond fair use are looked at."""


class Ledger:
    """Rows of the ledger's views, at most FRESH_SECONDS old. For any number of threads."""

    def __init__(
        self, url: str, storage_options: Mapping[str, str] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url
        self._options = storage_options
        self._clock = clock
        self._lock = threading.Lock()
        self._ledger: UsageLedger | None = None
        self._billing: BillingTable | None = None
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._read_at = 0.0

    def rows(self, query: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows of a query over the views, as dictionaries. Raises LedgerUnavailable."""
        cursor = self._cursor()
        cursor.execute(query, dict(values))
        names: Sequence[str] = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            now = self._clock()
            if self._connection is None or now - self._read_at >= FRESH_SECONDS:
                self._open(now)
            assert self._connection is not None  # noqa: S101 - opened above
            return self._connection.cursor()

    def _open(self, now: float) -> None:
        if self._ledger is None or self._billing is None:
            self._ledger = UsageLedger.open(self._url, self._options)
            self._billing = BillingTable.open(self._url, self._options)
        seen = (self._ledger.version, self._billing.version)
        self._ledger.refresh()
        self._billing.refresh()
        if self._connection is None or (self._ledger.version, self._billing.version) != seen:
            self._connection = connect_to(self._ledger)
            for view, part in BILLING.items():
                _bind(self._connection, view, self._billing, part, is_local=is_local(self._ledger))
        self._read_at = now


def _bind(
    connection: duckdb.DuckDBPyConnection, view: str, billing: BillingTable, part: Part, *, is_local: bool
) -> None:
    """Let a view show one part of the billing table."""
    files, is_shown = billing.files(part), pc.field("part") == part.value
    if part is Part.CALL:
        is_shown &= pc.field("overage_seconds").is_valid()
    if not files:
        store(connection, view, BILLING_SCHEMA.empty_table())
    elif is_local:
        rows = connection.read_parquet(files)
        (rows.filter("overage_seconds IS NOT NULL") if part is Part.CALL else rows).create_view(view)
    else:
        store(connection, view, billing.dataset().to_table(filter=is_shown))
