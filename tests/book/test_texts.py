"""Text of a file as the value that its field asks for, and nothing that is guessed."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Any, Literal

import pytest
from pydantic import AwareDatetime, Field

from pipeline.book.texts import plain_type, read_instant, read_text
from schemas.reference import ChannelLimit, Package, Plan, RateStatus, Trunk


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (int, int),
        (Annotated[int, Field(ge=1)], int),
        (Annotated[str, Field(pattern="a")] | None, str),
        (date | None, date),
        (Annotated[AwareDatetime, Field()], AwareDatetime),
        (Literal["ceil", "floor"], Literal["ceil", "floor"]),
        (Plan.model_fields["package"].annotation, Package),
        (Trunk.model_fields["channel_limits"].annotation, tuple[ChannelLimit, ...]),
    ],
)
def test_the_type_behind_an_annotation(annotation: Any, kind: Any) -> None:
    """Without its conditions, and without None."""
    assert kind == plain_type(annotation)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("60", int, 60),
        ("-2", int, -2),
        ("0060", int, 60),
        ("true", bool, True),
        ("false", bool, False),
        ("PRICED", RateStatus, RateStatus.PRICED),
        ("2026-10-01", date, date(2026, 10, 1)),
        ("2026-10-01T00:00:00Z", AwareDatetime, datetime(2026, 10, 1, tzinfo=UTC)),
        ("0.10", str, "0.10"),
        ("NO", str, "NO"),
        ("02134", str, "02134"),
    ],
)
def test_a_text_becomes_its_value(text: str, kind: Any, value: object) -> None:
    """As the field asks; a post code keeps its zero, Norway is no false."""
    assert value == read_text(text, kind)
    assert type(value) is type(read_text(text, kind))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("6.0", int),
        ("1_000", int),
        (" 6", int),
        ("+6", int),
        ("six", int),
        ("\u0666", int),
        ("9" * 30, int),
        ("yes", bool),
        ("True", bool),
        ("1", bool),
        ("priced", RateStatus),
        ("2026-13-01", date),
        ("2026-1-1", date),
        ("20261001", date),
        ("2026-10-01", AwareDatetime),
        ("2026-10-01T00:00:00", AwareDatetime),
        ("2026-10-01 00:00:00Z", AwareDatetime),
        ("2026-10-01T24:00:00Z", AwareDatetime),
        ("1767225600", AwareDatetime),
    ],
)
def test_another_text_stays_what_it_is(text: str, kind: Any) -> None:
    """The model then refuses it and shows it as it stands in the file."""
    assert text == read_text(text, kind)


def test_instants_keep_their_zone_and_their_microseconds() -> None:
    """The model turns them to UTC."""
    assert datetime(2026, 10, 1, 2, tzinfo=timezone(timedelta(hours=2))) == read_instant("2026-10-01T02:00:00+02:00")
    assert datetime(2026, 10, 1, 0, 0, 0, 250_000, tzinfo=UTC) == read_instant("2026-10-01T00:00:00.25Z")
