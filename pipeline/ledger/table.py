"""The Delta table `usage`: appended to, never updated, and the only place where positions are kept.

One commit carries the rows of a batch and the marks that say how far they reach, so both happen or neither does.
A commit that would move a mark which somebody else moved since this handle looked is refused by the log; commits of
other marks go through side by side.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema, Transaction
from deltalake.exceptions import DeltaError
from deltalake.fs import DeltaStorageHandler
from deltalake.transaction import AddAction, RemoveAction
from pyarrow.dataset import Dataset
from pyarrow.fs import PyFileSystem

from pipeline.ledger.books import BookShelf
from pipeline.ledger.delta import open_or_create, reach
from pipeline.ledger.errors import ConcurrentWriter, LedgerUnavailable, OtherLedgerFormat
from pipeline.ledger.layout import FORMAT_PROPERTY, PROPERTIES
from pipeline.ledger.marks import MarkReader
from pipeline.ledger.parquet import write_rows
from schemas.ledger import LEDGER_FORMAT, USAGE_SCHEMA

TABLE = "usage"
_REFUSED = "Concurrent transaction failed"
_DELTA_SCHEMA = Schema.from_arrow(USAGE_SCHEMA)


LEAVE_LOG = PostCommitHookProperties(cleanup_expired_logs=False)
"""Old commits are removed by compaction alone: of two that remove the same ones at once, one is told that it failed."""


class UsageLedger:
    """One writer's or reader's handle on the ledger.

    Reads, marks and the next append all see the snapshot that `refresh` or the last `append` left: a decision made on
    it stays valid until the commit, or the commit is refused. So a handle belongs to one writer in one thread; take
    another with `another_handle`.
    """

    def __init__(self, url: str, storage_options: Mapping[str, str] | None, table: DeltaTable) -> None:
        self.url = url
        self._options = dict(storage_options or {})
        self._table = table
        self._folder = PyFileSystem(DeltaStorageHandler(table.table_uri, self._options))
        self._marks = MarkReader(self._folder)
        self._listed: tuple[tuple[int, str], Dataset] | None = None
        """The last files that were asked for, with what was asked; often it is asked again."""

    @classmethod
    def open(cls, url: str, storage_options: Mapping[str, str] | None = None) -> Self:
        """Open the ledger under a folder or object store URL, and create it if it is not there.

        Raises LedgerUnavailable, or OtherLedgerFormat where the table was written with another schema.
        """
        options = dict(storage_options or {})
        table = open_or_create(url, TABLE, USAGE_SCHEMA, PROPERTIES, options)
        found = table.metadata().configuration.get(FORMAT_PROPERTY)
        if found != str(LEDGER_FORMAT):
            raise OtherLedgerFormat(url, found, LEDGER_FORMAT)
        return cls(url, options, table)

    def another_handle(self) -> Self:
        """Open the same ledger once more, for another writer or thread."""
        return self.open(self.url, self._options)

    def books(self) -> BookShelf:
        """The snapshots of reference data beside this ledger."""
        return BookShelf.open(self.url, self._options)

    @property
    def version(self) -> int:
        """Number of the last commit that this handle sees."""
        return int(self._table.version())

    def refresh(self) -> None:
        """See what others have committed."""
        reach(self.url, "read", self._table.update_incremental)

    def mark(self, name: str) -> int | None:
        """Value of one mark in this handle's snapshot; None if it was never set."""
        known = self._known_marks()
        if known is not None and name not in known:
            return None
        value = None if known is None else known[name]
        return reach(self.url, "read", lambda: self._table.transaction_version(name)) if value is None else value

    def marks(self) -> dict[str, int]:
        """All marks, read from the log now."""
        self.refresh()
        known = self._known_marks()
        if known is None:
            # A checkpoint of others came between; the next snapshot is not older than it.
            self.refresh()
            known = reach(self.url, "read", lambda: self._marks.at(self.version))
        found = {name: self.mark(name) for name in sorted(known)}
        return {name: value for name, value in found.items() if value is not None}

    def _known_marks(self) -> Mapping[str, int | None] | None:
        """The marks by the log; None where it does not reach back to this handle's snapshot any longer."""

        def read() -> Mapping[str, int | None] | None:
            try:
                return self._marks.at(self.version)
            except FileNotFoundError:
                return None

        return reach(self.url, "read", read)

    def append(self, rows: pa.Table, marks: Mapping[str, int]) -> int:
        """Add rows of USAGE_SCHEMA and move marks, in one commit; return the version that this handle then sees.

        Text may come as dictionaries.
        Raises ConcurrentWriter if one of these marks was moved by another writer since this handle looked, and
        LedgerUnavailable if the store does not take the commit. In both cases nothing was written.
        """
        return self._commit(rows, [Transaction(name, value) for name, value in marks.items()])

    def retire(self, names: Iterable[str], at: datetime) -> int:
        """Let marks be forgotten FINISHED_MARK_DAYS after `at`: those of files that are finished and archived."""
        values = {name: self.mark(name) for name in names}
        retired = [
            Transaction(name, value, int(at.timestamp() * 1000)) for name, value in values.items() if value is not None
        ]
        return self._commit(USAGE_SCHEMA.empty_table(), retired)

    def _commit(self, rows: pa.Table, marks: Sequence[Transaction]) -> int:
        try:
            added: list[AddAction | RemoveAction] = [write_rows(self._folder, rows)] if len(rows) else []
            self._table.create_write_transaction(
                added, "append", _DELTA_SCHEMA, commit_properties=CommitProperties(app_transactions=list(marks)),
                post_commithook_properties=LEAVE_LOG,
            )  # fmt: skip
        except (DeltaError, OSError) as error:
            if _REFUSED in str(error):
                raise ConcurrentWriter(self.url, [mark.app_id for mark in marks]) from error
            raise LedgerUnavailable(self.url, "written", error) from error
        self.refresh()
        return self.version

    def files(self) -> list[str]:
        """Addresses of the Parquet files of this handle's snapshot, for `read_parquet`."""
        return list(self._table.file_uris())

    def scan(
        self, columns: Sequence[str], days: Sequence[date], leg_partition: int, where: pc.Expression | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Read columns of the rows of some days and one partition of `cdr.leg`, batch by batch.

        Files that hold no such row are not opened.
        """
        wanted = pc.field("day").isin(list(days)) & (pc.field("leg_partition") == leg_partition)
        within = f"day >= '{min(days).isoformat()}' AND day <= '{max(days).isoformat()}'"
        return self._scan(columns, wanted, f"{within} AND leg_partition = {leg_partition}", where)

    def scan_since(
        self, columns: Sequence[str], since: date, leg_partition: int, where: pc.Expression
    ) -> Iterator[pa.RecordBatch]:
        """As `scan`, for all days from `since` on."""
        wanted = (pc.field("day") >= since) & (pc.field("leg_partition") == leg_partition)
        return self._scan(columns, wanted, f"day >= '{since.isoformat()}' AND leg_partition = {leg_partition}", where)

    def _scan(
        self, columns: Sequence[str], wanted: pc.Expression, files: str, where: pc.Expression | None
    ) -> Iterator[pa.RecordBatch]:
        dataset = reach(self.url, "read", lambda: self._dataset(files))
        condition = wanted if where is None else wanted & where
        batches = dataset.to_batches(columns=list(columns), filter=condition)
        while (batch := reach(self.url, "read", lambda: next(batches, None))) is not None:
            yield batch

    def _dataset(self, files: str) -> Dataset:
        """The files of this snapshot with such rows. To list them takes longer than to find nothing in them."""
        asked = self.version, files
        if self._listed is None or self._listed[0] != asked:
            self._listed = asked, self._table.to_pyarrow_dataset(file_pruning_predicate=files)
        return self._listed[1]

    def read(
        self, columns: Sequence[str], days: Sequence[date], leg_partition: int, where: pc.Expression | None = None
    ) -> pa.Table:
        """All that `scan` finds, with the types of USAGE_SCHEMA."""
        schema = pa.schema([USAGE_SCHEMA.field(name) for name in columns])
        batches = [batch.cast(schema) for batch in self.scan(columns, days, leg_partition, where)]
        return pa.Table.from_batches(batches, schema)

    def file_system(self) -> PyFileSystem:
        """The folder of the table as a file system, wherever it is stored."""
        return self._folder

    @property
    def table(self) -> DeltaTable:
        """The Delta table behind this handle, for maintenance."""
        return self._table
