"""Asterisk channel event log in CSV: what happened on each channel (cdr-formats.md 2.8).

A channel is a leg. It begins with CHAN_START; it is in conversation between BRIDGE_START and BRIDGE_END; CHAN_END ends
one that was never bridged. All other events are skipped.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from pipeline.mediation.csv_records import split_line
from pipeline.mediation.draft import Draft, Fields, Skip, Unreadable, bad_field
from pipeline.mediation.feed import Feed, FeedOptions
from pipeline.mediation.format import Format
from pipeline.mediation.local_times import resolve
from pipeline.mediation.notes import Notes, readable
from pipeline.mediation.times import EPOCH
from pipeline.mediation.values import text_or_none
from schemas.cdr import RecordType
from schemas.outcomes import RejectReason

_COLUMNS = 20
_EVENT, _TIME, _CALLER_NAME, _CALLER, _EXTENSION, _CHANNEL, _ACCOUNT, _UNIQUE_ID, _LINKED_ID = (
    0,
    1,
    2,
    3,
    7,
    9,
    13,
    14,
    15,
)
_MEANING = {
    "CHAN_START": (RecordType.START, "started_at"),
    "BRIDGE_START": (RecordType.INTERIM, "answered_at"),
    "BRIDGE_END": (RecordType.END, "released_at"),
    "CHAN_END": (RecordType.END, "released_at"),
}
_OTHER_EVENTS = frozenset({
    "ANSWER", "HANGUP", "LINKEDID_END", "APP_START", "APP_END", "BRIDGE_ENTER", "BRIDGE_EXIT", "BRIDGE_UPDATE",
    "BLINDTRANSFER", "ATTENDEDTRANSFER", "TRANSFER", "PICKUP", "FORWARD", "PARK_START", "PARK_END", "HOOKFLASH",
    "CONF_START", "CONF_END", "CONF_ENTER", "CONF_EXIT", "USER_DEFINED", "LOCAL_OPTIMIZE", "LOCAL_OPTIMIZE_BEGIN",
    "STREAM_BEGIN", "STREAM_END", "DTMF",
})  # fmt: skip
_OK = 200
"""Of a call in conversation: its end alone waits for the beginning of the conversation, in whatever order they come."""
_STAMPS = ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S")


def parse(value: bytes, feed: Feed[FeedOptions]) -> Sequence[Draft | Skip]:
    """Read one event."""
    text, notes = readable(value)
    values = split_line(text.rstrip("\r\n"), columns_min=_COLUMNS)
    if len(values) != _COLUMNS:
        raise Unreadable(RejectReason.UNKNOWN_LAYOUT, f"The line has {len(values)} columns, expected {_COLUMNS}.")
    event = values[_EVENT]
    if event in _OTHER_EVENTS:
        return [Skip(f"event {event}")]
    if event not in _MEANING:
        raise bad_field("eventtype", event, f"one of {', '.join([*_MEANING, *sorted(_OTHER_EVENTS)])}")
    record_type, time_field = _MEANING[event]
    unique_id = values[_UNIQUE_ID]
    fields: Fields = {
        "record_type": record_type,
        "leg_id": text_or_none(unique_id),
        "direction": feed.options.direction,
        "calling_raw": text_or_none(values[_CALLER]),
        "called_raw": text_or_none(values[_EXTENSION]),
        "display_name": text_or_none(values[_CALLER_NAME]),
        "ingress_trunk_group": text_or_none(values[_CHANNEL]),
        "claimed_trunk_id": text_or_none(values[_ACCOUNT]),
        "sip_status": _OK if event.startswith("BRIDGE_") else None,
        **_time(time_field, values[_TIME], feed, notes),
    }
    return [Draft((unique_id, event, values[_TIME]), text_or_none(values[_LINKED_ID]), fields, notes)]


def _time(field: str, text: str, feed: Feed[FeedOptions], notes: Notes) -> Fields:
    """Epoch seconds with a fraction, or a local stamp, as `cel.conf` says."""
    for pattern in _STAMPS:
        try:
            local = datetime.strptime(text, pattern)  # noqa: DTZ007 - resolved with the zone of the source
        except ValueError:
            continue
        found = resolve({"started_at": local}, feed.zone, [], notes)
        return {field: found.get("started_at"), "src_tz": str(feed.zone), "tz_source": "config"}
    try:
        return {
            field: (EPOCH + timedelta(microseconds=int(Decimal(text) * 1_000_000))).astimezone(UTC),
            "tz_source": "epoch",
        }
    except (InvalidOperation, OverflowError, ValueError):
        raise bad_field("eventtime", text, "epoch seconds or a time such as 2026-10-01 12:00:00.000000") from None


FORMAT = Format(
    name="asterisk_cel",
    about="Asterisk channel event log in CSV",
    tells="channels and bridges; microseconds",
    parse=parse,
)
