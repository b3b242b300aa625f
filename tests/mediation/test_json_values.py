"""Members become columns by the types of a structure's fields."""

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
import pyarrow as pa
import pytest

from pipeline.mediation.json_columns import read_objects
from pipeline.mediation.json_values import read_column, rules_of
from pipeline.mediation.member_names import Names
from pipeline.mediation.record_bytes import RecordBytes
from schemas.cdr import INSTANT, Direction


class Event(msgspec.Struct, kw_only=True):
    """One field of each kind."""

    text: Annotated[str, msgspec.Meta(min_length=1)]
    remark: str | None = None
    status: Annotated[int, msgspec.Meta(ge=100, le=699)] | None = None
    flag: bool = True
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    direction: Direction | None = None
    transport: Literal["udp", "tls"] | None = None


TYPES = {"status": pa.int32(), "flag": pa.bool_(), "at": INSTANT}
RULES = rules_of(Event)
NAMES = Names(list(RULES))


def read(name: str, *values: str) -> tuple[list[object], list[int]]:
    """The values of a field in records that give it so (nothing: leave it out), and which of the records misfit."""
    content = RecordBytes.of(
        [(f'{{"{name}":{value}}}' if value else '{"transport":"udp"}').encode() for value in values]
    )
    members = read_objects(content, NAMES).members[name]
    column = read_column(content, members, RULES[name], TYPES.get(name, pa.string()))
    assert TYPES.get(name, pa.string()) == column.values.type
    return column.values.to_pylist(), column.misfits.tolist()


def test_texts() -> None:
    """Some are there, some are null, some are left out."""
    assert (["x", None, "y", None], []) == read("remark", '"x"', "null", '"y"', "")


def test_whole_numbers() -> None:
    """In the range of the field."""
    assert ([200, None, None, 699], []) == read("status", "200", "null", "", "699")


def test_truth() -> None:
    """True, false, left out."""
    assert ([True, False, None], []) == read("flag", "true", "false", "")


def test_times() -> None:
    """Instants in UTC."""
    assert ([datetime(2026, 10, 1, 12, tzinfo=UTC), None], []) == read("at", '"2026-10-01T12:00:00.000Z"', "null")


def test_choices() -> None:
    """Members of an enumeration, and literals."""
    assert (["INBOUND", None], []) == read("direction", '"INBOUND"', "")
    assert (["udp", "tls"], []) == read("transport", '"udp"', '"tls"')


@pytest.mark.parametrize(("name", "value"), [
    ("text", "null"), ("text", '""'), ("text", "5"), ("text", "nul"), ("status", "99"), ("status", "700"),
    ("status", '"200"'), ("status", "2e2"), ("status", "-200"), ("flag", "null"), ("flag", "1"), ("flag", '"true"'),
    ("at", '"now"'), ("at", "5"), ("at", "2026-10-01T12:00:00Z"), ("direction", '"inbound"'), ("direction", "true"),
    ("transport", '"tcp"'), ("transport", '""'), ("remark", "nulls"), ("remark", ""),
])  # fmt: skip
def test_misfits(name: str, value: str) -> None:
    """What the type of the field does not allow leaves the record to the decoder; the other records are read."""
    good = {"text": '"x"', "status": "200", "flag": "true", "at": "null", "direction": "null", "transport": "null",
            "remark": "null"}[name]  # fmt: skip
    _, misfits = read(name, good, value or "undefined", good)
    assert [1] == misfits
