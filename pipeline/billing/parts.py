"""The parts of the table `billing` as relations of a DuckDB connection."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.billing.schema import BILLING_SCHEMA, Part
from pipeline.billing.table import BillingTable

PARTS = {
    "billing_documents": Part.DOCUMENT,
    "billing_lines": Part.LINE,
    "billing_calls": Part.CALL,
    "billing_adjustments": Part.ADJUSTMENT,
    "billing_positions": Part.POSITION,
}
"""Relations by their names."""


WHOLE = "FROM arriving"
MASKED = (Path(__file__).parent / "sql" / "masked_part.sql").read_text()
"""Queries by which rows are copied from the relation `arriving`."""


def bind_parts(connection: duckdb.DuckDBPyConnection, billing: BillingTable | None, copy: str | None = None) -> None:
    """Let each name of PARTS be the rows of its part as this handle sees them; without a table they have no rows.

    With `copy`, WHOLE or MASKED, the rows come into the database.
    """
    for name, part in PARTS.items():
        files = [] if billing is None else billing.files(part)
        if billing is None or not files:
            _copy(connection, name, BILLING_SCHEMA.empty_table(), WHOLE)
        elif copy is not None:
            _copy(connection, name, billing.dataset().scanner(filter=pc.field("part") == part.value).to_reader(), copy)
        elif files[0].startswith(("/", "file://")):
            relation: duckdb.DuckDBPyRelation = connection.read_parquet(files, hive_partitioning=True)
            relation.create_view(name)
        else:
            connection.register(name, billing.dataset().filter(pc.field("part") == part.value))


def _copy(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table | pa.RecordBatchReader, query: str) -> None:
    connection.register("arriving", rows)
    connection.execute(f"CREATE TABLE {name} AS {query}")
    connection.unregister("arriving")
