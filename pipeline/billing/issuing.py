"""Giving drafts their numbers, and writing documents, lines and calls in one commit."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.billing.document import NO_DOCUMENT, document_hash
from pipeline.billing.invoice import Draft, Place, build_document
from pipeline.billing.schema import BILLING_SCHEMA, LINE_FIELDS, DocumentType, Part
from pipeline.billing.settings import InvoiceSettings
from pipeline.billing.snapshot import Snapshot, query
from pipeline.billing.table import BillingTable

_CALL_BATCH_ROWS = 50_000
_NUMBERS = pa.schema([("account_id", pa.string()), ("root", pa.string()), ("document_id", pa.string())])
_OF_LINE = (*LINE_FIELDS, "adjustment_id", "author", "reason")


class Issued(NamedTuple):
    """A document of the table."""

    document_id: str
    document_type: DocumentType
    account_id: str
    period: str
    issued_on: date
    currency: str
    total: Decimal
    sha256: str
    document: bytes
    sequence: int
    corrects: str | None

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Issued":
        """A DOCUMENT row of the table `billing`."""
        return cls(*(row[name] for name in cls._fields))._replace(document_type=DocumentType(row["document_type"]))


class Head(NamedTuple):
    """The end of the sequence: number and hash of the last document."""

    sequence: int
    sha256: str


def head_of(snapshot: Snapshot, billing: BillingTable) -> Head:
    """The last document that the snapshot sees."""
    text = "SELECT sequence, sha256 FROM billing_documents ORDER BY sequence DESC LIMIT 1"
    row = next(snapshot.select(text), None)
    return Head(billing.sequence, NO_DOCUMENT) if row is None else Head(row["sequence"], row["sha256"])


def number(drafts: Sequence[Draft], head: Head, settings: InvoiceSettings) -> list[Issued]:
    """Documents of these drafts, numbered in their order behind the head; each names the hash of the one before."""
    issued = []
    for draft in drafts:
        document_id = f"{settings.number_prefix}{head.sequence + 1:06}"
        document = build_document(draft, Place(document_id, head.sha256), settings).to_bytes()
        head = Head(head.sequence + 1, document_hash(document))
        issued.append(
            Issued(
                document_id, draft.document_type, draft.month.account.account_id, draft.month.period.name,
                draft.issued_on, draft.month.account.currency, draft.total, head.sha256, document, head.sequence,
                draft.corrects,
            )
        )  # fmt: skip
    return issued


def commit(billing: BillingTable, snapshot: Snapshot, drafts: Sequence[Draft], issued: Sequence[Issued]) -> None:
    """Write the documents with all their lines and calls in one commit. Raises AnotherCloser, LedgerUnavailable."""
    numbers = [
        {"account_id": document.account_id, "root": document.corrects, "document_id": document.document_id}
        for document in issued
    ]
    snapshot.put("numbers", pa.Table.from_pylist(numbers, schema=_NUMBERS))
    batches = _batches(snapshot, drafts, issued)
    billing.issue(pa.RecordBatchReader.from_batches(BILLING_SCHEMA, batches), issued[-1].sequence)


def _batches(snapshot: Snapshot, drafts: Sequence[Draft], issued: Sequence[Issued]) -> Iterator[pa.RecordBatch]:
    rows = [_document_row(document) for document in issued]
    rows += [row for draft, document in zip(drafts, issued, strict=True) for row in _line_rows(draft, document)]
    yield from pa.Table.from_pylist(rows, schema=BILLING_SCHEMA).to_batches()
    last = issued[-1].sequence
    positions = [
        {"part": Part.POSITION, "sequence": last} | dict(row) for row in snapshot.select("FROM positions")
    ]  # fmt: skip
    yield from pa.Table.from_pylist(positions, schema=BILLING_SCHEMA).to_batches()
    for batch in snapshot.connection.sql(query("call_rows")).to_arrow_reader(_CALL_BATCH_ROWS):
        yield _widened(batch)


def _document_row(document: Issued) -> dict[str, Any]:
    return {"part": Part.DOCUMENT} | document._asdict()


def _line_rows(draft: Draft, document: Issued) -> Iterator[dict[str, Any]]:
    common = {
        "part": Part.LINE, "document_id": document.document_id, "account_id": document.account_id,
        "currency": document.currency,
    }  # fmt: skip
    for line in draft.lines:
        yield common | {name: getattr(line, name) for name in _OF_LINE}


def _widened(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch of call rows with all other columns of the table empty."""
    columns = [
        batch.column(field.name).cast(field.type)
        if field.name in batch.schema.names
        else _nothing(field.type).slice(0, len(batch))
        for field in BILLING_SCHEMA
    ]
    return pa.RecordBatch.from_arrays(columns, schema=BILLING_SCHEMA)


@cache
def _nothing(type_: pa.DataType) -> pa.Array:
    """An empty column for the longest batch, shared by all of them."""
    return pa.nulls(_CALL_BATCH_ROWS, type_)
