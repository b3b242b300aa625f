"""Infobip CallLog: one JSON object for each leg, as the call history gives them (cdr-formats.md 1).

Numbers are E.164 without a plus. A call route is an inbound parent with outbound children: a child that reaches a
telephone number is the FORWARD leg and bills, one that reaches a SIP endpoint or an application does not.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from pipeline.mediation.draft import Draft, Fields, bad_field
from pipeline.mediation.feed import Feed, FeedOptions
from pipeline.mediation.format import Format
from pipeline.mediation.iso_times import utc_instant
from pipeline.mediation.json_records import decode_json
from pipeline.mediation.notes import Notes
from pipeline.mediation.values import sip_status
from schemas.cdr import Direction, RecordType
from schemas.outcomes import Flag
from schemas.outcomes import RejectClass as Class

_BARE_NUMBER = re.compile(r"[0-9]{7,}\Z")
"""E.164; shorter digits are an emergency or service code, which has no plus."""
_STATES = frozenset({
    "CALLING", "RINGING", "PRE_ESTABLISHED", "ESTABLISHED", "FINISHED", "FAILED", "CANCELLED", "NO_ANSWER", "BUSY",
})  # fmt: skip
_CAUSES: dict[int, tuple[int | None, Class | None]] = {
    10000: (16, None), 10001: (None, Class.CANCEL), 10002: (16, None), 10003: (16, None), 10004: (16, None),
    10200: (19, Class.NOANSWER), 10201: (17, Class.BUSY), 10202: (None, Class.CANCEL), 10203: (21, Class.FAILURE),
    10204: (18, Class.NOANSWER), 10300: (21, Class.AUTH), 10301: (21, Class.BALANCE), 10302: (21, Class.AUTH),
    10313: (21, Class.AUTH), 10303: (1, Class.NO_ROUTE), 10305: (28, Class.NO_ROUTE), 10304: (27, Class.FAILURE),
    10306: (41, Class.FAILURE), 10307: (102, Class.FAILURE), 10308: (38, Class.FAILURE), 10309: (41, Class.FAILURE),
    10310: (None, Class.FAILURE), 10311: (79, Class.FAILURE), 10312: (34, Class.CAPACITY),
}  # fmt: skip
"""Q.850 cause and class of an unanswered call by error code; the table is our choice, the source gives none."""
_IN_PROGRESS = frozenset({"CALLING", "RINGING", "PRE_ESTABLISHED", "ESTABLISHED"})
_UNANSWERED = frozenset({"NO_ANSWER", "BUSY", "CANCELLED"})
_CLASS_OF_STATE = {"NO_ANSWER": Class.NOANSWER, "BUSY": Class.BUSY, "CANCELLED": Class.CANCEL, "FAILED": Class.FAILURE}
"""Where there is no error code, or one that the table does not know."""
_MAX_DURATION_REACHED = 10004
_SECONDS_MAX = 2**40
_LEGACY = 5_000
"""Older codes are this plus a SIP-like status."""


class _ErrorCode(msgspec.Struct):
    id: int | None = None
    name: str | None = None


class _Endpoint(msgspec.Struct):
    type: str | None = None
    username: str | None = None
    sipTrunkId: str | None = None  # noqa: N815 - the name in the JSON


class CallLog(msgspec.Struct, rename="camel"):
    """The fields that are read; all others are passed over."""

    call_id: str
    direction: Direction
    state: str
    start_time: str
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None
    parent_call_id: str | None = None
    endpoint: _Endpoint = msgspec.field(default_factory=_Endpoint)
    answer_time: str | None = None
    end_time: str | None = None
    ring_duration: int | None = None
    duration: int | None = None
    error_code: _ErrorCode | None = None
    hangup_source: str | None = None


class _Role(NamedTuple):
    direction: Direction
    is_billed: bool


_DECODER = msgspec.json.Decoder(CallLog)


def parse(value: bytes, feed: Feed[FeedOptions]) -> Sequence[Draft]:
    """Read one call log."""
    log, notes = decode_json(_DECODER, value)
    if log.state not in _STATES:
        raise bad_field("state", log.state, f"one of {', '.join(sorted(_STATES))}")
    role = _role(log, feed)
    if log.answer_time and log.state in _UNANSWERED:
        notes.warn(Flag.DISPOSITION_CONFLICT)
    fields: Fields = {
        "record_type": RecordType.START if log.state in _IN_PROGRESS and not log.end_time else RecordType.STOP,
        "leg_id": log.call_id or None,
        "parent_leg_id": log.parent_call_id,
        "direction": role.direction,
        "is_billed_leg": role.is_billed,
        "calling_raw": _with_plus(log.from_),
        "called_raw": _with_plus(log.to),
        "claimed_trunk_id": log.endpoint.sipTrunkId,
        "user_name": log.endpoint.username if log.endpoint.type == "SIP" else None,
        "route_entry_type": log.endpoint.type if log.parent_call_id else None,
        "started_at": utc_instant("startTime", log.start_time),
        "answered_at": _optional_instant("answerTime", log.answer_time),
        "released_at": _optional_instant("endTime", log.end_time),
        "tz_source": "offset",
        "ring_ms": _milliseconds("ringDuration", log.ring_duration),
        "reported_ms": _milliseconds("duration", log.duration),
        "duration_basis": "answer",
        **_outcome(log, notes),
    }
    return [Draft((log.call_id,) if log.call_id else (), log.parent_call_id or log.call_id or None, fields, notes)]


def _role(log: CallLog, feed: Feed[FeedOptions]) -> _Role:
    """What the leg is to the customer (PRODUCT.md, Rating 6 and 7)."""
    to_sip = log.endpoint.type == "SIP"
    is_child = log.parent_call_id is not None
    if log.direction is Direction.INBOUND:
        return _Role(Direction.OUTBOUND if to_sip else Direction.INBOUND, is_billed=not is_child)
    if log.endpoint.type == "PHONE":
        return _Role(Direction.FORWARD if is_child else feed.options.direction or Direction.OUTBOUND, is_billed=True)
    return _Role(Direction.OUTBOUND, is_billed=not is_child and not to_sip)


def _outcome(log: CallLog, notes: Notes) -> Fields:
    code = log.error_code.id if log.error_code else None
    q850, reject_class = _CAUSES.get(code or 0, (None, None))
    status = sip_status(code - _LEGACY) if code is not None and _LEGACY < code < 2 * _LEGACY else None
    if code == _MAX_DURATION_REACHED:
        notes.warn(Flag.MAX_DURATION)
    return {
        "sip_status": status,
        "q850": q850,
        "native_cause": str(code) if code is not None else log.state,
        "reject_class": reject_class or (None if status else _CLASS_OF_STATE.get(log.state)),
        "release_party": "platform" if log.hangup_source in {"API", "PLATFORM"} else None,
    }


def _with_plus(number: str | None) -> str | None:
    if not number:
        return None
    return f"+{number}" if _BARE_NUMBER.match(number) else number


def _optional_instant(name: str, text: str | None) -> datetime | None:
    return utc_instant(name, text) if text else None


def _milliseconds(name: str, seconds: int | None) -> int | None:
    if seconds is None:
        return None
    if abs(seconds) > _SECONDS_MAX:
        raise bad_field(name, seconds, "seconds")
    return seconds * 1_000


FORMAT = Format(
    name="infobip_calllog",
    about="Infobip call history (CallLog)",
    tells="legs of a call route; milliseconds; error code, Q.850 by a table",
    parse=parse,
)
