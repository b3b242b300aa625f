"""OpenSIPS accounting events: E_ACC_CDR, E_ACC_EVENT, E_ACC_MISSED_EVENT (cdr-formats.md 2.9).

As datagrams: the name, then `key::value` lines, a blank line between events. Through event_kafka: JSON-RPC with the
name as its method.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from pydantic import Field

from pipeline.mediation.draft import Draft, Fields, Skip, Unreadable, bad_field
from pipeline.mediation.feed import Feed, FeedOptions
from pipeline.mediation.format import Format
from pipeline.mediation.framing import paragraphs
from pipeline.mediation.json_records import decode_json
from pipeline.mediation.notes import Notes, readable
from pipeline.mediation.proxy_records import EXTRA_FIELDS, Transaction, draft_of_transaction
from pipeline.mediation.times import from_epoch_s
from pipeline.mediation.values import sip_status, whole_number
from schemas.outcomes import RejectReason

_CALL, _TRANSACTIONS = "E_ACC_CDR", frozenset({"E_ACC_EVENT", "E_ACC_MISSED_EVENT"})


class EventOptions(FeedOptions):
    """Options of this format."""

    extra_keys: dict[str, str] = Field(
        {"src": "calling", "caller": "calling", "dst": "called", "callee": "called"},
        description=f"keys that operators add, and what they hold: {', '.join(EXTRA_FIELDS)}",
    )


class _Notification(msgspec.Struct):
    method: str
    params: dict[str, Any]


_DECODER = msgspec.json.Decoder(_Notification)


def parse(value: bytes, feed: Feed[EventOptions]) -> Sequence[Draft | Skip]:
    """Read one event."""
    name, content, notes = _event(value)
    extra: Fields = {
        EXTRA_FIELDS[meaning]: content[key]
        for key, meaning in feed.options.extra_keys.items()
        if meaning in EXTRA_FIELDS and content.get(key)
    }
    if name == _CALL:
        return [_call_draft(content, extra, notes)]
    if name in _TRANSACTIONS:
        seen = Transaction(content.get("method", "INVITE"), *_dialog(content), _status(content), _at(content, "time"))
        return [draft_of_transaction(seen, extra, notes)]
    if name.startswith("E_"):
        return [Skip(f"event {name}")]
    raise Unreadable(
        RejectReason.UNKNOWN_LAYOUT, f"The event is called {name[:40]!a}, expected a name such as {_CALL}."
    )


def _event(value: bytes) -> tuple[str, Mapping[str, str], Notes]:
    if value.lstrip().startswith(b"{"):
        notification, notes = decode_json(_DECODER, value)
        scalars = {
            key: str(found) for key, found in notification.params.items() if isinstance(found, str | int | float)
        }
        return notification.method, scalars, notes
    text, notes = readable(value)
    name, *lines = text.strip().splitlines()
    pairs = (line.partition("::") for line in lines)
    return name.strip(), {key.strip(): found.strip() for key, mark, found in pairs if mark}, notes


def _dialog(content: Mapping[str, str]) -> tuple[str, str, str]:
    return content.get("callid", ""), content.get("from_tag", ""), content.get("to_tag", "")


def _status(content: Mapping[str, str]) -> int:
    status = sip_status(content.get("sip_code"))
    if status is None:
        raise bad_field("sip_code", content.get("sip_code"), "a SIP status")
    return status


def _at(content: Mapping[str, str], name: str) -> datetime | None:
    return from_epoch_s(name, whole_number(name, content.get(name)))


def _call_draft(content: Mapping[str, str], extra: Fields, notes: Notes) -> Draft:
    """A whole call: `time` is its answer, `created` its setup."""
    call_id, *tags = _dialog(content)
    answered = _at(content, "time")
    duration = whole_number("ms_duration", content.get("ms_duration"))
    if duration is None:
        seconds = whole_number("duration", content.get("duration"))
        duration = None if seconds is None else seconds * 1_000
    if not call_id or answered is None or duration is None:
        raise Unreadable(
            RejectReason.BAD_FIELD, f"An {_CALL} needs callid, time and duration; it has {sorted(content)}."
        )
    if abs(duration) > 2**50:
        raise bad_field("duration", duration, "a duration")
    known = sorted(filter(None, tags))
    fields: Fields = {
        "leg_id": ";".join(known) or None,
        "ingress_call_id": call_id,
        "sip_status": _status(content),
        "started_at": _at(content, "created"),
        "answered_at": answered,
        "released_at": answered + timedelta(milliseconds=duration),
        "reported_ms": duration,
        "duration_basis": "answer",
        "tz_source": "epoch",
        **extra,
    }
    return Draft((call_id, *known, _CALL, content.get("time", "")), call_id, fields, notes)


FORMAT = Format(
    name="opensips_event",
    about="OpenSIPS accounting events, as datagrams or through event_kafka",
    tells="whole calls, or INVITE and BYE of a proxy; seconds or milliseconds; SIP status",
    parse=parse,
    options=EventOptions,
    frames=paragraphs,
)
