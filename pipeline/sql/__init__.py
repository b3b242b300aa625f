"""The ledger in SQL: DuckDB views over one snapshot of the ledger's Parquet files, one file a view in `views/`."""

from pipeline.sql.connection import connect

__all__ = ["connect"]
