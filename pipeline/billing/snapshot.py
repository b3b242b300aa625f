"""One snapshot of the usage ledger and of the billing table in DuckDB, and the SQL files of this package.

A close works in sets: calls are never looped over in Python. `selected`, `pooled` and `moved` are the sets that a query
file is asked about; each is bound by name before the query runs, so that no SQL is put together from text.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow.dataset import Dataset

from pipeline.billing.parts import bind_parts
from pipeline.billing.table import BillingTable
from pipeline.ledger.table import UsageLedger
from pipeline.sql.connection import connect_to
from rating.book import RateBook

_PACKAGE = Path(__file__).parent
QUERIES = "sql"
_VIEWS = ("ledger", "current", "usage")
"""Those of `pipeline.sql` that this package asks; to bind them all takes as long as to close a small account."""

_TEXT = pa.string()
MEMORY = "2GB"
"""What DuckDB may hold; beyond it, it writes to the temporary folder."""

_BATCH_ROWS = 100_000


@cache
def query(name: str, folder: str = QUERIES) -> str:
    """The text of one SQL file."""
    return (_PACKAGE / folder / f"{name}.sql").read_text()


class Snapshot:
    """A connection that sees both tables as they were when it was made."""

    def __init__(self, ledger: UsageLedger, billing: BillingTable, book: RateBook | None = None) -> None:
        self.connection = connect_to(ledger, book, views=_VIEWS)
        self.connection.execute(f"SET memory_limit = '{MEMORY}'")
        self.connection.execute("SET preserve_insertion_order = false")
        bind_parts(self.connection, billing)
        self.connection.execute(query("csv_text"))
        self.table("replaced")
        self.view("history")
        self.view("billable")
        self.table("billed")

    def close(self) -> None:
        """Free what the connection holds."""
        self.connection.close()

    def view(self, name: str, *, as_name: str | None = None, folder: str = QUERIES) -> None:
        """Bind a view to an SQL file."""
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {as_name or name} AS {query(name, folder)}")

    def table(self, name: str, *, as_name: str | None = None) -> None:
        """Run an SQL file once and keep its rows under a name."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {as_name or name} AS {query(name)}")

    def alias(self, name: str, relation: str) -> None:
        """Let a query file see a relation under the name that it asks about."""
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS FROM {relation}")

    def bind(self, name: str, rows: Dataset) -> None:
        """Let a name be the rows of files, which are read when they are asked for."""
        self.connection.register(f"{name}_files", rows)
        self.alias(name, f"{name}_files")

    def put(self, name: str, rows: pa.Table) -> None:
        """Write Arrow rows to a table of the connection."""
        self.connection.register("arriving", rows)
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM arriving")
        self.connection.unregister("arriving")

    def put_accounts(self, accounts: Iterable[str]) -> None:
        """Name the accounts that `closing` stands for."""
        self.put("closing", pa.table({"account_id": pa.array(list(accounts), _TEXT)}))

    def set(self, name: str, value: str) -> None:
        """Give an SQL variable its value."""
        self.connection.execute(f"SET VARIABLE {name} = $value", {"value": value})

    def rows(self, name: str) -> Iterator[Mapping[str, Any]]:
        """The rows of an SQL file."""
        return self.select(query(name))

    def select(self, text: str, parameters: Mapping[str, Any] | None = None) -> Iterator[Mapping[str, Any]]:
        """The rows of a query, batch by batch."""
        reader = self.connection.sql(text, params=dict(parameters or {})).to_arrow_reader(_BATCH_ROWS)
        for batch in reader:
            yield from batch.to_pylist()

    def arrow(self, text: str) -> pa.Table:
        """The result of a query as an Arrow table."""
        return self.connection.sql(text).to_arrow_table()
