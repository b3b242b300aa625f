"""The reference data that SQL joins usage with: accounts, plans, trunks, their channel limits, service addresses."""

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pydantic import BaseModel

from schemas.cdr import INSTANT
from schemas.ledger import MONEY
from schemas.reference import Plan, ReferenceData, Trunk

_TEXT = pa.string()

BOOK_TABLES: dict[str, pa.Schema] = {
    "accounts": pa.schema(
        [("account_id", _TEXT), ("name", _TEXT), ("currency", _TEXT), ("time_zone", _TEXT)],
        metadata={"grain": "account_id"},
    ),
    "plans": pa.schema(
        [
            ("plan_id", _TEXT), ("effective_from", INSTANT), ("effective_until", INSTANT), ("package", _TEXT),
            ("currency", _TEXT), ("channel_fee", MONEY), ("minutes_per_channel", pa.int64()),
            ("long_call_seconds", pa.int64()), ("short_call_seconds", pa.int64()), ("short_call_percent", pa.int64()),
            ("mean_seconds_min", pa.int64()),
        ],
        metadata={"grain": "plan_id, effective_from"},
    ),
    "trunks": pa.schema(
        [
            ("trunk_id", _TEXT), ("account_id", _TEXT), ("name", _TEXT), ("type", _TEXT), ("plan_id", _TEXT),
            ("location", _TEXT), ("country", _TEXT), ("address_id", _TEXT), ("time_zone", _TEXT),
            ("effective_from", INSTANT), ("effective_until", INSTANT),
        ],
        metadata={"grain": "trunk_id"},
    ),
    "trunk_limits": pa.schema(
        [
            ("trunk_id", _TEXT), ("effective_from", INSTANT), ("effective_until", INSTANT),
            ("channel_limit", pa.int64()),
        ],
        metadata={"grain": "trunk_id, effective_from"},
    ),
    "addresses": pa.schema(
        [
            ("address_id", _TEXT), ("version", pa.int64()), ("account_id", _TEXT), ("effective_from", INSTANT),
            ("street", _TEXT), ("city", _TEXT), ("region", _TEXT), ("post_code", _TEXT), ("country", _TEXT),
        ],
        metadata={"grain": "address_id, version"},
    ),
}  # fmt: skip
"""Tables of reference data by name; money is in the plan's or account's currency, intervals are half-open."""


def reference_data(snapshot: bytes) -> ReferenceData:
    """The reference data of a book's snapshot without its decks, which are most of it and no table here."""
    content = json.loads(snapshot) | {"decks": []}
    return ReferenceData.model_validate_json(json.dumps(content))


def book_tables(data: ReferenceData) -> dict[str, pa.Table]:
    """Rows of every table of BOOK_TABLES."""
    zones = {account.account_id: account.time_zone for account in data.accounts}
    rows = {
        "accounts": _fields(data.accounts, "accounts"),
        "plans": [_plan_row(plan) for plan in data.plans],
        "trunks": [row | {"time_zone": zones[row["account_id"]]} for row in _fields(data.trunks, "trunks")],
        "trunk_limits": [row for trunk in data.trunks for row in _limit_rows(trunk)],
        "addresses": _fields(data.addresses, "addresses"),
    }
    return {name: pa.Table.from_pylist(rows[name], schema=schema) for name, schema in BOOK_TABLES.items()}


def _fields(records: Iterable[BaseModel], table: str) -> list[dict[str, Any]]:
    """The columns of a table that a model has under the same name."""
    names = set(BOOK_TABLES[table].names)
    return [record.model_dump(include=names) for record in records]


def _plan_row(plan: Plan) -> dict[str, Any]:
    names = set(BOOK_TABLES["plans"].names)
    return plan.model_dump(include=names) | {"channel_fee": Decimal(plan.channel_fee)}


def _limit_rows(trunk: Trunk) -> Iterator[dict[str, Any]]:
    """A limit holds until the next one begins, the last one until the trunk ends."""
    limits = sorted(trunk.channel_limits, key=lambda limit: limit.effective_from)
    ends = [*(limit.effective_from for limit in limits[1:]), trunk.effective_until]
    for limit, until in zip(limits, ends, strict=True):
        yield {"trunk_id": trunk.trunk_id, **limit.model_dump(), "effective_until": until}
