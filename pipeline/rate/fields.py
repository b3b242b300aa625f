"""Fields of a canonical CDR as people type them when they correct a record."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from pipeline.mediation.durations import milliseconds_between
from schemas.cdr import CDR, CDR_SCHEMA

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


def changed(cdr: CDR, changes: Mapping[str, Any]) -> CDR:
    """The record with these fields, free of the reason that stopped it; its length follows from its times.

    A length that is given counts as it is. Raises BadChange where the call would end before its answer.
    """
    new = cdr._replace(reject_reason=None, reject_detail=None)._replace(**changes)
    if "measured_ms" not in changes and {"answered_at", "released_at"} & changes.keys():
        new = new._replace(measured_ms=_measured(new))
    if (new.measured_ms or 0) < 0:
        times = f"answered_at {new.answered_at} and released_at {new.released_at}"
        raise BadChange(
            f"The call would last {new.measured_ms} ms, by {times}. Set the other time too, or measured_ms."
        )
    return new


def _measured(cdr: CDR) -> int | None:
    if cdr.answered_at is None:
        return 0
    return None if cdr.released_at is None else milliseconds_between(cdr.answered_at, cdr.released_at)


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
