"""ISO 8601 times with an offset, with or without a colon in it."""

from datetime import UTC, datetime, timezone

from pipeline.mediation.draft import bad_field


def utc_instant(name: str, text: str, default: timezone | None = None) -> datetime:
    """`2026-01-15T11:59:35.000+0000` in UTC; raises Unreadable, also for a time without an offset and a default."""
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None or default is not None:
            return (instant if instant.tzinfo else instant.replace(tzinfo=default)).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise bad_field(name, text, "a time with its offset, such as 2026-10-01T12:00:00.000+0000")
