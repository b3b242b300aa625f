"""What all shapes share: camelCase names, strict types, `null` as good as absent, unknown fields ignored."""

from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Item = TypeVar("Item")


class Shape(BaseModel):
    """A JSON object. 25.0 is no integer and 1 no boolean, as in the client."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, strict=True, frozen=True)


class PageInfo(Shape):
    """Which page of how many."""

    page: int
    size: Annotated[int, Field(ge=1)]
    total_pages: int
    total_results: int


class Page(Shape, Generic[Item]):
    """One page of results."""

    results: list[Item]
    paging: PageInfo


def time_text(instant: datetime) -> str:
    """An instant as the vendor writes it: `2026-01-15T11:59:35.000+0000`."""
    utc = instant.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03}+0000"
