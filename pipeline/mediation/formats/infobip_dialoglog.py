"""Infobip DialogLog: how two calls were joined (cdr-formats.md 1).

It has no numbers, and both of its calls have logs of their own, so it never bills. Its duration counts from the
start, not from the moment of the connection (mediation.md R9).
"""

from collections.abc import Sequence

import msgspec

from pipeline.mediation.draft import Draft, Fields, bad_field
from pipeline.mediation.feed import Feed, FeedOptions
from pipeline.mediation.format import Format
from pipeline.mediation.iso_times import utc_instant
from pipeline.mediation.json_records import decode_json

_RELEASERS = {"PARENT_ENDPOINT": "caller", "CHILD_ENDPOINT": "callee", "API": "platform", "PLATFORM": "platform"}
_SECONDS_MAX = 2**40


class DialogLog(msgspec.Struct, rename="camel"):
    """The fields that are read; all others are passed over."""

    dialog_id: str
    state: str
    start_time: str
    parent_call_id: str
    child_call_id: str
    establish_time: str | None = None
    end_time: str | None = None
    duration: int | None = None
    hangup_source: str | None = None


_DECODER = msgspec.json.Decoder(DialogLog)


def parse(value: bytes, feed: Feed[FeedOptions]) -> Sequence[Draft]:
    """Read one dialog log."""
    log, notes = decode_json(_DECODER, value)
    if log.duration is not None and abs(log.duration) > _SECONDS_MAX:
        raise bad_field("duration", log.duration, "seconds")
    times = {"answered_at": log.establish_time, "released_at": log.end_time}
    fields: Fields = {
        "leg_id": log.dialog_id or None,
        "parent_leg_id": log.parent_call_id or None,
        "is_billed_leg": False,
        "direction": feed.options.direction,
        "started_at": utc_instant("startTime", log.start_time),
        **{name: utc_instant(name, text) if text else None for name, text in times.items()},
        "tz_source": "offset",
        "reported_ms": None if log.duration is None else log.duration * 1_000,
        "duration_basis": "start",
        "native_cause": log.state,
        "release_party": _RELEASERS.get(log.hangup_source or ""),
    }
    return [Draft((log.dialog_id,) if log.dialog_id else (), log.parent_call_id or None, fields, notes)]


FORMAT = Format(
    name="infobip_dialoglog",
    about="Infobip dialogs (DialogLog)",
    tells="which two calls were joined; milliseconds",
    parse=parse,
)
