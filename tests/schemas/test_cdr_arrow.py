"""Any CDR survives Arrow, and the types of its columns hold what sources send."""

from collections.abc import Sequence
from datetime import UTC, datetime
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.cdr import CDR, CDR_SCHEMA, INSTANT, Direction, RecordType, cdrs_from_arrow, cdrs_to_arrow

RECEIVED = datetime(2026, 10, 1, tzinfo=UTC)
PLAIN = CDR("sbc1", "native_json", "cdr.raw.sbc1-0", 7, RECEIVED, bytes(32), "c" * 32, "g1")

_TEXT = st.text(max_size=12)
_INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
_BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    str: _TEXT,
    bytes: st.binary(max_size=12),
    bool: st.booleans(),
    datetime: _INSTANTS,
    RecordType: st.sampled_from(RecordType),
    Direction: st.sampled_from(Direction),
    Sequence[str]: st.lists(_TEXT, max_size=3).map(tuple),
}


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) is UnionType else (hint,)


def _values(name: str, hint: Any) -> st.SearchStrategy[Any]:
    """Whatever the declared type of a field allows and its column has room for."""
    column = CDR_SCHEMA.field(name).type
    if column == pa.binary(32):
        return st.binary(min_size=32, max_size=32)
    found = []
    for alternative in _alternatives(hint):
        if alternative is type(None):
            found.append(st.none())
        elif alternative is int:
            found.append(st.integers(-(2 ** (column.bit_width - 1)), 2 ** (column.bit_width - 1) - 1))
        else:
            found.append(_BY_TYPE[alternative])
    return st.one_of(found)


FIELDS = {name: _values(name, hint) for name, hint in get_type_hints(CDR).items()}
CHANGES = st.sets(st.sampled_from(CDR._fields), max_size=8).flatmap(
    lambda names: st.fixed_dictionaries({name: FIELDS[name] for name in sorted(names)})
)


@settings(max_examples=40, deadline=None)
@given(st.lists(CHANGES, max_size=4))
def test_every_cdr_survives_arrow(changes: list[dict[str, Any]]) -> None:
    """Whatever the fields hold, what comes back is equal, field by field and in order."""
    cdrs = [PLAIN._replace(**change) for change in changes]
    assert cdrs == cdrs_from_arrow(cdrs_to_arrow(cdrs))


@pytest.mark.parametrize("name", CDR._fields)
def test_a_field_that_may_be_unknown_is_null_in_arrow(name: str) -> None:
    """`None` in the value is null in the column, and only where the declared type allows it."""
    may_be_unknown = type(None) in _alternatives(get_type_hints(CDR)[name])
    assert may_be_unknown is CDR_SCHEMA.field(name).nullable


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("offset", pa.int64()),
        ("received_at", INSTANT),
        ("answered_at", INSTANT),
        ("measured_ms", pa.int64()),
        ("record_index", pa.int32()),
        ("raw_sha256", pa.binary(32)),
        ("raw", pa.binary()),
        ("is_billed_leg", pa.bool_()),
        ("called", pa.string()),
        ("direction", pa.string()),
        ("flags", pa.list_(pa.string())),
    ],
)
def test_types_of_columns(name: str, expected: pa.DataType) -> None:
    """Times in microseconds, milliseconds and offsets in 64 bits, numbers of telephones as text."""
    assert expected == CDR_SCHEMA.field(name).type


def test_units_are_in_the_names() -> None:
    """A name that ends in _ms is whole milliseconds in 64 bits where it can be long; one in _at is an instant."""
    for field in CDR_SCHEMA:
        if field.name.endswith("_at"):
            assert INSTANT == field.type
        if field.name.endswith("_ms"):
            assert pa.types.is_integer(field.type)


def test_no_column_is_a_binary_fraction() -> None:
    """Qualities are whole hundredths; nothing that reaches a bill is a float."""
    assert [] == [field.name for field in CDR_SCHEMA if pa.types.is_floating(field.type)]


def test_what_is_always_known_of_a_record() -> None:
    """Where it was read, who it is, what kind it is, and its remarks; everything else may be unknown."""
    expected = {
        "source", "source_format", "partition", "offset", "received_at", "raw_sha256", "cdr_id", "call_group_id",
        "record_type", "record_index", "is_billed_leg", "flags",
    }  # fmt: skip
    assert expected == {field.name for field in CDR_SCHEMA if not field.nullable}


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_hash_has_32_bytes(length: int) -> None:
    """SHA-256, nothing shorter and nothing longer."""
    with pytest.raises(pa.ArrowInvalid):
        cdrs_to_arrow([PLAIN._replace(raw_sha256=bytes(length))])


@pytest.mark.parametrize(("name", "value"), [("measured_ms", 2**63), ("record_index", 2**31), ("offset", -(2**63) - 1)])
def test_a_number_without_room_is_refused(name: str, value: int) -> None:
    """Nothing wraps around to another number."""
    with pytest.raises((pa.ArrowInvalid, OverflowError)):
        cdrs_to_arrow([PLAIN._replace(**{name: value})])


def test_a_batch_and_a_table_are_read_alike() -> None:
    """Two chunks of one table are the CDRs of both, in order."""
    cdrs = [PLAIN, PLAIN._replace(offset=8, direction=Direction.FORWARD, flags=("LOW_RES",))]
    table = pa.Table.from_batches([cdrs_to_arrow([cdr]) for cdr in cdrs])
    assert cdrs == cdrs_from_arrow(table)


def test_an_unknown_kind_of_record_is_not_read() -> None:
    """A batch of a later version stops the reader; it is not taken for something else."""
    batch = cdrs_to_arrow([PLAIN]).set_column(
        CDR_SCHEMA.get_field_index("record_type"), CDR_SCHEMA.field("record_type"), pa.array(["CHECKPOINT"])
    )
    with pytest.raises(ValueError, match="CHECKPOINT"):
        cdrs_from_arrow(batch)
