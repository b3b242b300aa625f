"""Invoices in SQL: views over the table `billing` beside those of the ledger, for `trunkline sql` and `shell`."""

from collections.abc import Callable
from pathlib import Path

import duckdb

from pipeline.billing.parts import MASKED, WHOLE, bind_parts
from pipeline.billing.table import BillingTable

FOLDER = Path(__file__).parent / "views"
BILLING_VIEWS = ("invoices", "invoice_lines", "charges", "taxes", "invoice_calls")
"""Names of the views, in an order in which each uses only those before it."""


def add_billing_views(
    connection: duckdb.DuckDBPyConnection, billing: BillingTable | None, copy: str | None = None
) -> None:
    """Create the views on a connection that has those of the ledger; before the first close they have no rows.

    With `copy` the rows come into the database, as `bind_parts` says; else they stay in the files of the table.
    """
    bind_parts(connection, billing, copy)
    for name in BILLING_VIEWS:
        connection.execute(f"CREATE VIEW {name} AS\n{(FOLDER / f'{name}.sql').read_text()}")


def billing_views(billing: BillingTable | None, *, mask: bool) -> Callable[[duckdb.DuckDBPyConnection, bool], None]:
    """What `export_views` calls to add the views to a file. Masked rows say nothing in words of a person."""
    copy = MASKED if mask else WHOLE
    return lambda connection, copied: add_billing_views(connection, billing, copy if copied else None)
