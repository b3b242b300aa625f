"""Snapshots of the reference data, kept beside the ledger in the Delta table `books`, by their hash.

Every row of the ledger names the snapshot that it was computed with, so that it can be computed again years later. A
snapshot is written before the first row that names it; written twice by two workers, it is the same snapshot twice.
"""

from collections.abc import Mapping
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, write_deltalake

from pipeline.ledger.delta import open_or_create, reach
from pipeline.ledger.errors import LedgerError

TABLE = "books"
SCHEMA = pa.schema([pa.field("book_hash", pa.string(), False), pa.field("snapshot", pa.binary(), False)])  # noqa: FBT003


class UnknownBook(LedgerError):
    """A row names a snapshot that is not there."""

    def __init__(self, url: str, book_hash: str) -> None:
        self.book_hash = book_hash
        super().__init__(
            f"Ledger {url} has no snapshot of book {book_hash}. It was written before any row named it: restore the "
            f"folder {TABLE} beside the ledger from a backup."
        )


class BookShelf:
    """The snapshots of one ledger."""

    def __init__(self, url: str, table: DeltaTable) -> None:
        self._url = url
        self._table = table
        self._hashes: set[str] = set()

    @classmethod
    def open(cls, url: str, storage_options: Mapping[str, str] | None = None) -> Self:
        """Open the shelf beside the ledger under `url`, and create it if it is not there."""
        return cls(url, open_or_create(url, TABLE, SCHEMA, {}, storage_options or {}))

    def keep(self, book_hash: str, snapshot: bytes) -> None:
        """Store a snapshot unless it is there. Raises LedgerUnavailable."""
        if book_hash in self._hashes or book_hash in self.hashes():
            return
        row = pa.Table.from_pylist([{"book_hash": book_hash, "snapshot": snapshot}], schema=SCHEMA)
        reach(self._url, "written", lambda: write_deltalake(self._table, row, mode="append"))
        self._hashes.add(book_hash)

    def hashes(self) -> set[str]:
        """The hashes of all snapshots."""
        reach(self._url, "read", self._table.update_incremental)
        self._hashes = set(self._read(["book_hash"]).column("book_hash").to_pylist())
        return self._hashes

    def read(self, book_hash: str) -> bytes:
        """Return a snapshot. Raises UnknownBook."""
        reach(self._url, "read", self._table.update_incremental)
        found = self._read(SCHEMA.names, pc.field("book_hash") == book_hash)
        if not len(found):
            raise UnknownBook(self._url, book_hash)
        snapshot: bytes = found.column("snapshot")[0].as_py()
        return snapshot

    def _read(self, columns: list[str], where: pc.Expression | None = None) -> pa.Table:
        return reach(
            self._url, "read", lambda: self._table.to_pyarrow_dataset().to_table(columns=columns, filter=where)
        )
