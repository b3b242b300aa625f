"""The native event in columns: the fast twin of `native_json.parse`.

Events of the usual form are read from their bytes; those with escapes, accents or unusual blanks are decoded first.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Literal

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.columns import Mask, Numbers, as_mask, same_in_all, unknown_column
from pipeline.mediation.feed import Feed, FeedOptions
from pipeline.mediation.formats.native_json import NativeEvent
from pipeline.mediation.identity import SEPARATOR
from pipeline.mediation.json_columns import Members, read_objects
from pipeline.mediation.json_values import read_column, rules_of
from pipeline.mediation.member_names import Names
from pipeline.mediation.plain import Drafts
from pipeline.mediation.record_bytes import RecordBytes
from schemas.cdr import CDR_SCHEMA, INSTANT, Direction, RecordType
from schemas.outcomes import RejectClass

_REQUIRED = tuple(field.name for field in msgspec.structs.fields(NativeEvent) if field.required)
_ALL = tuple(field.name for field in msgspec.structs.fields(NativeEvent))
_RULES = rules_of(NativeEvent)
_NAMES = Names(_ALL)
_TIMES = ("started_at", "alerted_at", "answered_at", "released_at")
_COLUMN_TYPES: dict[str, Any] = {
    "started_at": str,
    **dict.fromkeys(("alerted_at", "answered_at", "released_at"), str | None),
    "record_type": Literal[tuple(map(str, RecordType))],
    "direction": Literal[tuple(map(str, Direction))] | None,
    "reject_class": Literal[tuple(map(str, RejectClass))] | None,
}
"""Where a text is turned into an Arrow column faster than the Python value of the specification."""
_DECODER = msgspec.json.Decoder(
    msgspec.defstruct(
        "NativeRow",
        [
            (field.name, _COLUMN_TYPES.get(field.name, field.type), *([] if field.required else [field.default]))
            for field in msgspec.structs.fields(NativeEvent)
        ],
        kw_only=True,
        forbid_unknown_fields=True,
        gc=False,
    )
)
_JUDGED = (
    "record_type", "leg_id", "call_group_id", "ingress_call_id", "is_billed_leg", "released_at", "clock_ok",
    "sip_status", "q850", "native_cause", "record_seq", "part_no", "route_attempt",
)  # fmt: skip
"""Fields that the key, the call and the checks need."""
_PLAIN_TIME = r"^[0-9-]{10}T[0-9:]{8}\.([0-9]{3}|[0-9]{6})Z$"

Columns = dict[str, pa.Array]


def read_columns(
    values: Sequence[bytes],
    feed: Feed[FeedOptions],  # noqa: ARG001 - every format has this signature
) -> Iterator[tuple[Numbers, Drafts]]:
    """Yield groups of records with their positions; records that are in no group are for the specification."""
    content = RecordBytes.of(values)
    columns, readable = _from_bytes(content)
    yield np.arange(len(values)), _drafts(columns, readable)._replace(raw=content.records)
    events, positions = _decoded(values, np.flatnonzero(~readable).tolist())
    if events:
        yield np.array(positions), _drafts(*_from_events(events))


def _from_bytes(content: RecordBytes) -> tuple[Columns, Mask]:
    objects = read_objects(content, _NAMES)
    readable = objects.readable
    columns = {}
    for name, members in objects.members.items():
        column = read_column(content, members, _RULES[name], CDR_SCHEMA.field(name).type)
        readable[column.misfits] = False
        columns[name] = column.values
    for name in _REQUIRED:
        columns.setdefault(name, unknown_column(CDR_SCHEMA.field(name).type, content.number))
        readable &= _is_given(objects.members.get(name), content.number)
    return columns, readable


def _is_given(members: Members | None, count: int) -> Mask:
    given = np.zeros(count, bool)
    if members is not None:
        given[members.records] = True
    return given


def _decoded(values: Sequence[bytes], positions: Sequence[int]) -> tuple[list[Any], list[int]]:
    """The events among these values, and their positions."""
    events, fit = [], []
    for position in positions:
        try:
            events.append(_DECODER.decode(values[position]))
        except (ValueError, RecursionError):
            continue
        fit.append(position)
    return events, fit


def _from_events(events: Sequence[Any]) -> tuple[Columns, Mask]:
    columns = {name: pa.array(list(map(attrgetter(name), events)), _decoded_type(name)) for name in _ALL}
    readable = np.ones(len(events), bool)
    for name in _TIMES:
        columns[name], is_plain = _instants(columns[name])
        readable &= is_plain
    return columns, readable


def _decoded_type(name: str) -> pa.DataType:
    return pa.string() if name in _TIMES else CDR_SCHEMA.field(name).type


def _drafts(columns: Columns, readable: Mask) -> Drafts:
    count = len(readable)
    given = {name: columns.get(name, unknown_column(CDR_SCHEMA.field(name).type, count)) for name in _JUDGED}
    given["record_type"] = given["record_type"].fill_null(RecordType.STOP)
    calls = pc.coalesce(given["call_group_id"], given["ingress_call_id"], given["leg_id"])
    told = {
        "record_type": given["record_type"],
        "is_billed_leg": given["is_billed_leg"].fill_null(fill_value=True),
        "tz_source": same_in_all("explicit", pa.string(), count),
        "duration_basis": same_in_all("answer", pa.string(), count),
    }
    kept = {name: column for name, column in columns.items() if name != "call_group_id"}
    return Drafts(kept | told, [_keys(given)], calls.fill_null(""), readable & _is_complete(given))


def _is_complete(given: Columns) -> Mask:
    """Twin of `native_json._check`, and of the remark on an unsynchronised clock."""
    is_stop = as_mask(pc.equal(given["record_type"], RecordType.STOP))
    causes = [as_mask(given[name].is_valid()) for name in ("sip_status", "q850", "native_cause")]
    complete: Mask = ~is_stop | (np.logical_or.reduce(causes) & as_mask(given["released_at"].is_valid()))
    return complete & as_mask(given["clock_ok"].fill_null(fill_value=True))


def _keys(given: Columns) -> pa.Array:
    """Twin of `native_json.native_key`, its parts joined."""
    is_stop = pc.equal(given["record_type"], RecordType.STOP)
    leg_id = given["leg_id"].fill_null("")
    if pc.all(is_stop).as_py():
        return leg_id
    parts = (given[name].cast(pa.string()).fill_null("") for name in ("record_seq", "part_no", "route_attempt"))
    return pc.if_else(is_stop, leg_id, pc.binary_join_element_wise(leg_id, *parts, SEPARATOR))


def _instants(texts: pa.Array) -> tuple[pa.Array, Mask]:
    """Times that are written as the event's definition says, and which rows have no other."""
    is_plain = pc.fill_null(pc.match_substring_regex(texts, _PLAIN_TIME), fill_value=True)
    plain = texts if pc.all(is_plain).as_py() else pc.if_else(is_plain, texts, pa.scalar(None, pa.string()))
    try:
        return plain.cast(INSTANT), as_mask(is_plain)
    except pa.ArrowInvalid:
        exists = pa.array([text is None or _exists(text) for text in plain.to_pylist()], pa.bool_())
        existing = pc.if_else(exists, plain, pa.scalar(None, pa.string()))
        return existing.cast(INSTANT), as_mask(pc.and_(is_plain, exists))


def _exists(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
