"""Reaching a Delta table: open or create it, and turn what can go wrong into the ledger's own errors."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import pyarrow as pa
from deltalake import DeltaTable, Schema
from deltalake.exceptions import DeltaError, TableNotFoundError

from pipeline.ledger.errors import LedgerUnavailable

Result = TypeVar("Result")


def reach(url: str, action: str, attempt: Callable[[], Result]) -> Result:
    """Do something with the store under `url`. Raises LedgerUnavailable: it cannot be `action`."""
    try:
        return attempt()
    except (DeltaError, OSError) as error:
        raise LedgerUnavailable(url, action, error) from error


def open_or_create(
    url: str, name: str, schema: pa.Schema, properties: Mapping[str, str | None], options: Mapping[str, str]
) -> DeltaTable:
    """Open the table `name` under `url`; create it if it is not there. Raises LedgerUnavailable."""
    return reach(url, "opened", lambda: _open_or_create(f"{url.rstrip('/')}/{name}", name, schema, properties, options))


def _open_or_create(
    uri: str, name: str, schema: pa.Schema, properties: Mapping[str, str | None], options: Mapping[str, str]
) -> DeltaTable:
    try:
        return DeltaTable(uri, storage_options=dict(options))
    except TableNotFoundError:
        return DeltaTable.create(
            uri,
            Schema.from_arrow(schema),
            mode="ignore",
            name=name,
            configuration=dict(properties),
            storage_options=dict(options),
            raise_if_key_not_exists=False,
        )
