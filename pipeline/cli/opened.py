"""What several commands open first: the ledger of the settings, and the views over it."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.output import fail

if TYPE_CHECKING:
    import duckdb

    from pipeline.billing.table import BillingTable
    from pipeline.ledger.table import UsageLedger

LedgerOption = Annotated[
    str | None, typer.Option("--ledger", help="Folder or URL of the ledger; default: ledger_url of the settings.")
]


def open_ledger(url: str | None) -> "UsageLedger":
    """Open the ledger, or end with code 3 and say why it cannot be."""
    from pipeline.ledger.errors import LedgerError
    from pipeline.ledger.table import UsageLedger
    from pipeline.settings import load_settings

    settings = load_settings()
    try:
        return UsageLedger.open(url or settings.ledger_url, settings.storage_options)
    except LedgerError as error:
        fail(str(error), code=3)


def find_billing(url: str) -> "BillingTable | None":
    """The invoices beside a ledger, or None before the first close. Raises LedgerUnavailable."""
    from pipeline.billing.table import BillingTable
    from pipeline.settings import load_settings

    return BillingTable.find(url, load_settings().storage_options)


def open_views(url: str | None, *, mask: bool = False) -> "duckdb.DuckDBPyConnection":
    """Connect to the views over the ledger's current snapshot and its invoices, or end with code 3."""
    import duckdb

    from pipeline.billing.analysts import add_billing_views
    from pipeline.ledger.errors import LedgerError
    from pipeline.sql.connection import connect_to

    ledger = open_ledger(url)
    try:
        connection = connect_to(ledger, mask=mask)
        add_billing_views(connection, find_billing(ledger.url))
    except (LedgerError, duckdb.Error) as error:
        fail(f"The views over {ledger.url} cannot be opened: {error}", code=3)
    return connection
