"""Parameters that many endpoints share."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Path, Query

from pipeline.registry.problems import Refused
from pipeline.registry.rules.text import PrintableText
from pipeline.registry.store.pages import Paging

Id = Annotated[str, Path(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$")]
"""An id in a path; anything else names nothing, which is answered with 404."""

Part = Annotated[PrintableText | None, Query(max_length=255)]
Word = Annotated[PrintableText | None, Query(min_length=1, max_length=128)]


def instant(name: str, text: str | None) -> datetime | None:
    """A time of a query: ISO 8601, offset with or without a colon, UTC where there is none. Refused otherwise."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Refused.at(name, f"{text!r} is no time such as 2026-01-01T12:00:00.000+0000.") from None
    try:
        return (found.replace(tzinfo=UTC) if found.tzinfo is None else found).astimezone(UTC)
    except OverflowError:
        raise Refused.at(name, f"{text!r} is beyond the calendar.") from None


async def paging(
    page: Annotated[int, Query(ge=0, le=1_000_000)] = 0, size: Annotated[int, Query(ge=1, le=100)] = 20
) -> Paging:
    """Which page is wanted."""
    return Paging(page, size)


WantedPage = Annotated[Paging, Depends(paging)]
