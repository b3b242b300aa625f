"""Fields of a canonical CDR as people type them when they correct a record."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from schemas.cdr import CDR_SCHEMA

FIXED = frozenset({
    "source", "source_format", "partition", "offset", "received_at", "raw_sha256", "raw", "record_index", "cdr_id",
    "call_group_id", "record_type", "flags", "reject_reason", "reject_detail",
})  # fmt: skip
"""What a correction may not change: where the record comes from and who it is."""
CORRECTABLE = tuple(name for name in CDR_SCHEMA.names if name not in FIXED)


class BadChange(ValueError):
    """A `field=value` that cannot be applied."""


def changes_of(texts: Iterable[str]) -> dict[str, Any]:
    """Read `called=+442079460123`; an empty value means unknown. Raises BadChange, which says what was expected."""
    return dict(_change(text) for text in texts)


def _change(text: str) -> tuple[str, Any]:
    name, separator, value = text.partition("=")
    if not separator or name not in CORRECTABLE:
        raise BadChange(f"{text!r} changes nothing. Write field=value with one of: {', '.join(CORRECTABLE)}.")
    return name, _value(name, value) if value else None


def _value(name: str, text: str) -> object:
    data_type = CDR_SCHEMA.field(name).type
    try:
        if pa.types.is_timestamp(data_type):
            return _instant(text)
        if pa.types.is_boolean(data_type):
            return {"true": True, "false": False}[text.lower()]
        return int(text) if pa.types.is_integer(data_type) else text
    except (ValueError, KeyError):
        raise BadChange(f"{name} is {text!r}, expected {_expected(data_type)}.") from None


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("no zone")
    return instant.astimezone(UTC)


def _expected(data_type: pa.DataType) -> str:
    if pa.types.is_timestamp(data_type):
        return "a time with its zone, such as 2026-10-01T12:00:00Z"
    return "true or false" if pa.types.is_boolean(data_type) else "a whole number"
