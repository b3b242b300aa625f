"""Builders of ledger rows: a test names only the fields that matter to it."""

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from schemas.ledger import USAGE_SCHEMA

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)


def a_row(offset: int = 0, *, partition: str = "cdr.raw.sbc1-0", version: int = 0, **fields: Any) -> dict[str, Any]:
    """A rated row of a call that cost nothing, from `partition` at `offset`."""
    return {
        "row_id": f"{partition}:{offset}:0:{version}",
        "version": version,
        "state": "RATED",
        "leg_partition": 0,
        "day": date(2026, 10, 1),
        "period": "2026-10",
        "rated_at": NOON,
        "book_hash": "book-1",
        "source": "sbc1",
        "source_format": "native",
        "partition": partition,
        "offset": offset,
        "received_at": NOON,
        "raw_sha256": offset.to_bytes(32, "big"),
        "cdr_id": f"cdr-{offset}",
        "call_group_id": f"call-{offset}",
        "record_type": "STOP",
        "record_index": 0,
        "is_billed_leg": True,
        "flags": [],
    } | fields


def a_table(*rows: dict[str, Any]) -> pa.Table:
    """These rows as a table of the ledger's schema."""
    return pa.Table.from_pylist(list(rows), schema=USAGE_SCHEMA)
