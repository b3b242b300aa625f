"""A small provider for tests of the close: a book and tax data in a folder, a ledger, and calls rated into it."""

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.billing.close import CloseReport, close_period
from pipeline.billing.document import InvoiceDocument, read_document
from pipeline.billing.issuing import Issued
from pipeline.billing.settings import InvoiceSettings
from pipeline.book import load_book
from pipeline.ledger.table import UsageLedger
from pipeline.rate.corrections import Author, Corrections
from pipeline.rate.stage import RateStage
from pipeline.settings import Settings
from pipeline.shipped import DATA
from pipeline.stream.messages import LegMessage
from rating.book import RateBook
from rating.call import rate_call
from rating.rated import RatedCall
from schemas.cdr import CDR, Direction, cdrs_to_arrow
from schemas.ledger import PRICE_FIELDS, USAGE_SCHEMA

RAW = "cdr.raw.sbc1-0"
ARRIVED = datetime(2026, 12, 24, tzinfo=UTC)
SELLER = InvoiceSettings(
    seller_name="Example Trunk Provider, Inc.",
    seller_address=("1 Switch Road", "Springfield, IL 62701"),
    seller_contact=("billing@provider.example", "+1 217 555 0100"),
    payment_lines=("Bank of Examples, account 000-000-0001",),
)


class World:
    """One provider under a folder. Records are numbered in the order in which they are written."""

    def __init__(self, folder: Path, *, book: Path = DATA / "book", invoice: InvoiceSettings = SELLER) -> None:
        self.folder = folder
        shutil.copytree(book, folder / "book")
        shutil.copytree(DATA / "tax" / "example", folder / "tax", ignore=shutil.ignore_patterns("resolved.jsonl"))
        self.settings = Settings(
            ledger_url=str(folder / "ledger"),
            book_path=folder / "book",
            tax_path=folder / "tax",
            invoice_path=folder / "invoices",
            invoice=invoice,
        )
        self._offset = 0

    @property
    def book(self) -> RateBook:
        """The book as its files say now."""
        return load_book(self.settings.book_path)

    def write(self, name: str, text: str) -> None:
        """Write a file of the book, or of the tax folder, and forget the one before."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)

    def receive(self, *calls: CDR) -> None:
        """Rate records and append them to the ledger in one commit."""
        book = self.book
        numbered = [call._replace(offset=self._next_offset()) for call in calls]
        rows = [ledger_row(cdr, book) for cdr in numbered]
        ledger = UsageLedger.open(self.settings.ledger_url, self.settings.storage_options)
        ledger.append(pa.Table.from_pylist(rows, schema=USAGE_SCHEMA), {"cdr.leg-0": self._offset})

    def load(self, partition: str, calls: Sequence[CDR]) -> None:
        """Let a worker load calls as the lines of a file of the spool; what it has loaded before it drops."""
        lines = [call._replace(partition=partition, offset=line) for line, call in enumerate(calls, 1)]
        ledger, book = UsageLedger.open(self.settings.ledger_url), self.book
        stage = RateStage(0, ledger, lambda: book, lambda: ARRIVED)
        stage.process([LegMessage(partition, 1, len(lines), cdrs_to_arrow(lines))], None)
        stage.close()

    def corrections(self, reason: str = "dispute 7") -> Corrections:
        """Corrections of the ledger with today's book."""
        ledger = UsageLedger.open(self.settings.ledger_url, self.settings.storage_options)
        return Corrections(self.settings, ledger, self.book, lambda: ARRIVED, Author("clerk", reason))

    def correct(self, cdr_id: str, **changes: Any) -> None:
        """Replace fields of one record and rate it again."""
        self.corrections().correct(cdr_id, lambda cdr: cdr._replace(**changes))

    def rerate(self) -> int:
        """Rate everything again with today's book; the number of rows that changed."""
        corrected = self.corrections("new deck").rerate(pc.field("row_id").is_valid())
        return sum(corrected.by_state.values())

    def close(self, period: str = "2026-10", **options: Any) -> CloseReport:
        """Close a month."""
        return close_period(self.settings, period, **options)

    def files(self) -> dict[str, bytes]:
        """Every file of every document."""
        folder = self.settings.invoice_path
        return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.*"))}

    def _next_offset(self) -> int:
        self._offset += 1
        return self._offset


def a_call(trunk: str, to: str, at: str, seconds: int | None, *, cdr_id: str = "", **fields: Any) -> CDR:
    """An outbound call from a trunk, answered `at` for so many seconds; None: nobody answered."""
    answered = datetime.fromisoformat(at).replace(tzinfo=UTC)
    known: dict[str, Any] = {
        "source": "sbc1",
        "source_format": "native",
        "partition": RAW,
        "offset": 0,
        "received_at": answered + timedelta(hours=2),
        "raw_sha256": (cdr_id or f"{trunk} {to} {at}").encode().ljust(32)[:32],
        "cdr_id": cdr_id or f"{trunk} {to} {at}",
        "call_group_id": f"{trunk} {to} {at}",
        "direction": Direction.OUTBOUND,
        "claimed_trunk_id": trunk,
        "called": to,
        "started_at": answered,
        "answered_at": None if seconds is None else answered,
        "released_at": answered + timedelta(seconds=seconds or 0),
        "measured_ms": None if seconds is None else seconds * 1000,
    }
    return CDR(**(known | fields))


def inbound(trunk: str, caller: str, did: str, at: str, seconds: int) -> CDR:
    """A call to a number of a trunk."""
    return a_call(trunk, did, at, seconds, direction=Direction.INBOUND, calling=caller)


def forwarded(trunk: str, caller: str, to: str, at: str, seconds: int) -> CDR:
    """The leg by which a call route reaches the telephone network."""
    return a_call(trunk, to, at, seconds, direction=Direction.FORWARD, calling=caller)


def ledger_row(cdr: CDR, book: RateBook) -> dict[str, Any]:
    """The row of a record that just arrived, rated by the specification."""
    result = rate_call(cdr, book)
    row = cdr._asdict() | {
        "row_id": f"{cdr.partition}:{cdr.offset}:{cdr.record_index}:0",
        "version": 0,
        "leg_partition": 0,
        "day": (cdr.answered_at or cdr.started_at or cdr.received_at).date(),
        "period": result.period,
        "rated_at": ARRIVED,
        "book_hash": book.hash,
        "flags": list(cdr.flags),
    }
    if isinstance(result, RatedCall):
        return row | {"state": "RATED"} | {name: getattr(result, name) for name in PRICE_FIELDS}
    return row | {"state": "REJECTED", "reject_reason": result.reason, "reject_detail": result.detail}


def invoice_of(issued: Sequence[Issued], account: str, document_type: str = "INVOICE") -> InvoiceDocument:
    """The document of an account among those that were issued."""
    found = [row for row in issued if row.account_id == account and row.document_type == document_type]
    assert len(found) == 1, [(row.account_id, row.document_type) for row in issued]
    return read_document(found[0].document)
