"""Invoices in SQL: views over the table `billing` beside those of the ledger, for `trunkline sql` and `shell`."""

from pathlib import Path

import duckdb

from pipeline.billing.parts import bind_parts
from pipeline.billing.table import BillingTable

FOLDER = Path(__file__).parent / "views"
BILLING_VIEWS = ("invoices", "invoice_lines", "charges", "taxes", "invoice_calls")
"""Names of the views, in an order in which each uses only those before it."""


def add_billing_views(connection: duckdb.DuckDBPyConnection, billing: BillingTable | None) -> None:
    """Create the views on a connection that has those of the ledger; before the first close they have no rows."""
    bind_parts(connection, billing)
    for name in BILLING_VIEWS:
        connection.execute(f"CREATE VIEW {name} AS\n{(FOLDER / f'{name}.sql').read_text()}")
