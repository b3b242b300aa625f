"""The parts of the table `billing` as relations of a DuckDB connection."""

import duckdb
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


def bind_parts(connection: duckdb.DuckDBPyConnection, billing: BillingTable | None) -> None:
    """Let each name of PARTS be the rows of its part as this handle sees them; without a table they have no rows."""
    for name, part in PARTS.items():
        _bind(connection, name, billing, part)


def _bind(connection: duckdb.DuckDBPyConnection, name: str, billing: BillingTable | None, part: Part) -> None:
    files = [] if billing is None else billing.files(part)
    if billing is None or not files:
        connection.register("arriving", BILLING_SCHEMA.empty_table())
        connection.execute(f"CREATE TEMP TABLE {name} AS FROM arriving")
        connection.unregister("arriving")
    elif files[0].startswith(("/", "file://")):
        relation: duckdb.DuckDBPyRelation = connection.read_parquet(files, hive_partitioning=True)
        relation.create_view(name)
    else:
        connection.register(name, billing.dataset().filter(pc.field("part") == part.value))
