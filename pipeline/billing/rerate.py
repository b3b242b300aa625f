"""`trunkline rerate`: calls priced again with today's book, as replacements of their rows."""

from datetime import date, datetime

import pyarrow.compute as pc

from pipeline.ledger.table import UsageLedger
from pipeline.rate.corrections import Author, Corrected, Corrections
from pipeline.registry.book_source import current_book
from pipeline.settings import Settings


def rerate_calls(
    settings: Settings, author: str, note: str, now: datetime, *, deck: str | None = None, since: date | None = None,
    account: str | None = None,
) -> Corrected:  # fmt: skip
    """Rate again what a deck priced, from a UTC day on, of an account; what is None does not select.

    Raises LedgerError and the errors of the book.
    """
    where = pc.field("row_id").is_valid()
    for column, value in (("deck_id", deck), ("account_id", account)):
        where = where if value is None else where & (pc.field(column) == value)
    where = where if since is None else where & (pc.field("day") >= since)
    ledger = UsageLedger.open(settings.ledger_url, settings.storage_options)
    corrections = Corrections(settings, ledger, current_book(settings), lambda: now, Author(author, note))
    return corrections.rerate(where)
