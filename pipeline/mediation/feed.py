"""What a parser knows of its source: the settings, checked once for a whole batch."""

from typing import Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.mediation.times import zone_named
from pipeline.settings import Source
from schemas.cdr import Direction


class FeedOptions(BaseModel):
    """Options that every format has; a format adds its own. Unknown options are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    direction: Direction | None = Field(None, description="direction of all calls of this feed, where it has only one")
    trust_asserted_identity: bool = Field(
        default=True, description="the asserted identity stands in for an anonymous caller (RFC 3325)"
    )


O = TypeVar("O", bound=FeedOptions)  # noqa: E741 - the name of a type


class Feed(NamedTuple, Generic[O]):
    """A source as its parser sees it."""

    source: Source
    options: O
    zone: ZoneInfo
    """Of stamps that have no zone of their own."""


class BadSource(ValueError):
    """The settings of a source do not fit its format; a person has to correct them."""


def feed_of(source: Source, options: type[O]) -> Feed[O]:
    """Check the settings; raises BadSource, which says what to correct."""
    try:
        return Feed(source, options.model_validate(source.options), zone_named(source.time_zone))
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors())
        known = ", ".join(options.model_fields)
        raise BadSource(
            f"The options of source {source.name!r} do not fit format {source.format}: {problems}. Known: {known}."
        ) from error
    except (LookupError, ValueError, OSError) as error:
        raise BadSource(
            f"The time zone {source.time_zone!r} of source {source.name!r} is unknown. "
            "Write an IANA name, such as America/New_York."
        ) from error
