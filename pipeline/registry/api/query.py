"""Parameters that many endpoints share."""

from typing import Annotated

from fastapi import Depends, Path, Query

from pipeline.registry.rules.text import PrintableText
from pipeline.registry.store.pages import Paging

Id = Annotated[str, Path(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$")]
"""An id in a path; anything else names nothing, which is answered with 404."""

Part = Annotated[PrintableText | None, Query(max_length=255)]
Word = Annotated[PrintableText | None, Query(min_length=1, max_length=128)]


async def paging(
    page: Annotated[int, Query(ge=0, le=1_000_000)] = 0, size: Annotated[int, Query(ge=1, le=100)] = 20
) -> Paging:
    """Which page is wanted."""
    return Paging(page, size)


WantedPage = Annotated[Paging, Depends(paging)]
