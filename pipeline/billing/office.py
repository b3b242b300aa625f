"""What a close holds in its hand: the ledger, the billing table, the book, the tax data, the settings of invoices."""

from typing import NamedTuple

from pipeline.billing.errors import UnknownAccount
from pipeline.billing.settings import InvoiceSettings
from pipeline.billing.table import BillingTable
from pipeline.ledger.table import UsageLedger
from pipeline.registry.book_source import current_book
from pipeline.settings import Settings
from pipeline.tax.provider import Provider, load_provider
from rating.book import RateBook


class Office(NamedTuple):
    """Everything that documents are made from."""

    ledger: UsageLedger
    billing: BillingTable
    book: RateBook
    provider: Provider
    invoices: InvoiceSettings


def open_office(settings: Settings) -> Office:
    """Open the tables and load the reference data. Raises LedgerError, BookError, TaxDataError or LawError."""
    return Office(
        UsageLedger.open(settings.ledger_url, settings.storage_options),
        BillingTable.open(settings.ledger_url, settings.storage_options),
        current_book(settings),
        load_provider(settings.tax_path),
        settings.invoice,
    )


def chosen_accounts(book: RateBook, account: str | None) -> list[str]:
    """One account, or all of them in order. Raises UnknownAccount."""
    if account is None:
        return sorted(book.accounts)
    if account not in book.accounts:
        raise UnknownAccount(account, sorted(book.accounts))
    return [account]
