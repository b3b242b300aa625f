"""Reading and appending the Delta table `billing` beside the usage ledger."""

from collections.abc import Mapping
from typing import Self

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Schema, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError
from pyarrow.dataset import Dataset

from pipeline.billing.errors import AnotherCloser
from pipeline.billing.schema import BILLING_FORMAT, BILLING_SCHEMA, Part
from pipeline.ledger.delta import reach
from pipeline.ledger.errors import LedgerUnavailable, OtherLedgerFormat

TABLE = "billing"
SEQUENCE = "documents"
"""Application transaction that holds the number of the last document: whoever counts from a stale one is refused."""

FORMAT_PROPERTY = "trunkline.billingFormat"
_PROPERTIES = {FORMAT_PROPERTY: str(BILLING_FORMAT), "delta.checkpointInterval": "100"}
_REFUSED = "Concurrent transaction failed"
_WRITER = WriterProperties(compression="ZSTD", max_row_group_size=250_000)


class BillingTable:
    """One closer's or reader's handle. What it reads and appends refers to the snapshot that `refresh` left."""

    def __init__(self, url: str, table: DeltaTable) -> None:
        self.url = url
        self._table = table

    @classmethod
    def open(cls, url: str, storage_options: Mapping[str, str] | None = None) -> Self:
        """Open the table beside the ledger under `url`; create it if it is not there. Raises LedgerUnavailable."""
        options = dict(storage_options or {})
        table = reach(url, "opened", lambda: _open_or_create(f"{url.rstrip('/')}/{TABLE}", options))
        found = table.metadata().configuration.get(FORMAT_PROPERTY)
        if found != str(BILLING_FORMAT):
            raise OtherLedgerFormat(f"{url}/{TABLE}", found, BILLING_FORMAT)
        return cls(url, table)

    @classmethod
    def find(cls, url: str, storage_options: Mapping[str, str] | None = None) -> Self | None:
        """The table beside the ledger under `url`, or None before the first close. Raises LedgerUnavailable."""
        uri, options = f"{url.rstrip('/')}/{TABLE}", dict(storage_options or {})
        if not reach(url, "read", lambda: DeltaTable.is_deltatable(uri, options)):
            return None
        return cls.open(url, options)

    def refresh(self) -> None:
        """See what others have committed."""
        reach(self.url, "read", self._table.update_incremental)

    @property
    def version(self) -> int:
        """Number of the last commit that this handle sees."""
        return int(self._table.version())

    @property
    def sequence(self) -> int:
        """Number of the last document in this handle's snapshot; 0 before the first."""
        return reach(self.url, "read", lambda: self._table.transaction_version(SEQUENCE)) or 0

    def files(self, part: Part) -> list[str]:
        """Addresses of the Parquet files of one part."""
        return reach(
            self.url, "read", lambda: list(self._table.file_uris(file_pruning_predicate=f"part = '{part.value}'"))
        )

    def dataset(self) -> Dataset:
        """The whole snapshot, for ledgers in an object store."""
        return reach(self.url, "read", self._table.to_pyarrow_dataset)

    def issue(self, rows: pa.RecordBatchReader, sequence: int) -> None:
        """Append documents with their lines and calls in one commit; `sequence` is the number of the last of them.

        Raises AnotherCloser if another handle issued a document meanwhile. Then nothing was written.
        """
        self._commit(rows, [Transaction(SEQUENCE, sequence)])

    def append(self, rows: pa.Table) -> None:
        """Append rows that issue no document: adjustments."""
        self._commit(rows, [])

    def _commit(self, rows: pa.Table | pa.RecordBatchReader, transactions: list[Transaction]) -> None:
        expected = self.sequence
        try:
            write_deltalake(
                self._table, rows, mode="append", writer_properties=_WRITER,
                commit_properties=CommitProperties(app_transactions=transactions),
            )  # fmt: skip
        except (DeltaError, OSError) as error:
            if _REFUSED in str(error):
                raise AnotherCloser(self.url, expected) from error
            raise LedgerUnavailable(self.url, "written", error) from error


def _open_or_create(uri: str, options: dict[str, str]) -> DeltaTable:
    try:
        return DeltaTable(uri, storage_options=options)
    except TableNotFoundError:
        return DeltaTable.create(
            uri, Schema.from_arrow(BILLING_SCHEMA), mode="ignore", name=TABLE, partition_by=["part"],
            configuration=dict(_PROPERTIES), storage_options=options, raise_if_key_not_exists=False,
        )  # fmt: skip
