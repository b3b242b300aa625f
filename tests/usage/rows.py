"""Ledger rows of calls within the plan of an UNLIMITED trunk."""

from datetime import UTC, datetime, timedelta
from typing import Any

TEN = datetime(2026, 10, 5, 10, tzinfo=UTC)


def included(offset: int, seconds: int, after: int = 0, **fields: Any) -> dict[str, Any]:
    """An included call of heron-dispatch, answered so many seconds after ten; 0.0075 a minute in steps of 6/6."""
    answered_at = TEN + timedelta(seconds=after)
    return {
        "offset": offset, "account_id": "blue-heron", "trunk_id": "heron-dispatch", "plan_id": "unlimited-us",
        "package": "UNLIMITED", "charge_kind": "INCLUDED", "direction": "OUTBOUND", "called": "+16085550199",
        "answered_at": answered_at, "released_at": answered_at + timedelta(seconds=seconds), "call_seconds": seconds,
        "measured_ms": seconds * 1000, "rate_per_minute": "0.0075", "connection_fee": "0", "initial_seconds": 6,
        "next_seconds": 6, "charge_decimals": 6, "charge_rounding": "half_up", "charge": "0",
    } | fields  # fmt: skip


def on_channel(offset: int, start: int, end: int, **fields: Any) -> dict[str, Any]:
    """A call of trunk t1 from one second after ten to another."""
    return {
        "offset": offset, "trunk_id": "t1", "direction": "OUTBOUND", "answered_at": TEN + timedelta(seconds=start),
        "released_at": TEN + timedelta(seconds=end),
    } | fields  # fmt: skip
