"""The reference data that SQL joins usage with: accounts, plans, trunks, their channel limits, service addresses."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pydantic import BaseModel

from rating.book import RateBook
from schemas.cdr import INSTANT
from schemas.ledger import MONEY
from schemas.reference import Plan, Trunk

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


def book_tables(book: RateBook | None) -> dict[str, pa.Table]:
    """Rows of every table of BOOK_TABLES; without a book they are empty."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in BOOK_TABLES}
    if book is not None:
        rows = {
            "accounts": _fields(book.accounts.values(), "accounts"),
            "plans": [_plan_row(plan) for versions in book.plans.values() for plan in versions],
            "trunks": [_trunk_row(trunk, book) for trunk in book.trunks.values()],
            "trunk_limits": [row for trunk in book.trunks.values() for row in _limit_rows(trunk)],
            "addresses": _fields((a for versions in book.addresses.values() for a in versions), "addresses"),
        }
    return {name: pa.Table.from_pylist(rows[name], schema=schema) for name, schema in BOOK_TABLES.items()}


def _fields(records: Iterable[BaseModel], table: str) -> list[dict[str, Any]]:
    """The columns of a table that a model has under the same name."""
    names = set(BOOK_TABLES[table].names)
    return [record.model_dump(include=names) for record in records]


def _plan_row(plan: Plan) -> dict[str, Any]:
    names = set(BOOK_TABLES["plans"].names)
    return plan.model_dump(include=names) | {"channel_fee": Decimal(plan.channel_fee)}


def _trunk_row(trunk: Trunk, book: RateBook) -> dict[str, Any]:
    zone = book.accounts[trunk.account_id].time_zone
    return trunk.model_dump(include=set(BOOK_TABLES["trunks"].names)) | {"time_zone": zone}


def _limit_rows(trunk: Trunk) -> Iterator[dict[str, Any]]:
    """A limit holds until the next one begins, the last one until the trunk ends."""
    limits = sorted(trunk.channel_limits, key=lambda limit: limit.effective_from)
    ends = [*(limit.effective_from for limit in limits[1:]), trunk.effective_until]
    for limit, until in zip(limits, ends, strict=True):
        yield {"trunk_id": trunk.trunk_id, **limit.model_dump(), "effective_until": until}
