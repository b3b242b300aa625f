"""What a parser knows of its source: the settings, checked once for a whole batch."""

import re
from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pipeline.mediation.times import zone_named
from pipeline.settings import Source
from schemas.cdr import Direction


class FeedOptions(BaseModel):
    """Options that every format has; a format adds its own. Unknown options are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    direction: Direction | None = Field(None, description="direction of all calls of this feed, where it has only one")
    customer_group: str | None = Field(
        None,
        description="regular expression of the trunk groups, realms or IP groups that face customers; what its first "
        "group matches is the trunk's id",
    )
    file_fault: str | None = Field(
        None, description="why all records of this file are rejected; set by its reader when the totals are wrong"
    )
    trust_asserted_identity: bool = Field(
        default=True, description="the asserted identity stands in for an anonymous caller (RFC 3325)"
    )

    @field_validator("customer_group")
    @classmethod
    def _is_an_expression(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return pattern


O = TypeVar("O", bound=FeedOptions)  # noqa: E741 - the name of a type


class Feed(NamedTuple, Generic[O]):
    """A source as its parser sees it."""

    source: Source
    options: O
    zone: ZoneInfo
    """Of stamps that have no zone of their own."""


class Side(NamedTuple):
    """Which end of a call faces the customer, and whose trunk it is, as far as the record says it."""

    direction: Direction | None
    trunk_id: str | None


def customer_side(options: FeedOptions, ingress: Iterable[str | None], egress: Iterable[str | None]) -> Side:
    """Find the customer among the groups that a call came from and went to: from it OUTBOUND, to it INBOUND."""
    for direction, groups in ((Direction.OUTBOUND, ingress), (Direction.INBOUND, egress)):
        for group in groups:
            found = re.search(options.customer_group, group) if options.customer_group and group else None
            if found:
                return Side(options.direction or direction, found[1] if found.re.groups else None)
    return Side(options.direction, None)


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
