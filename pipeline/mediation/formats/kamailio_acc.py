"""Kamailio acc: syslog lines `ACC: transaction answered: key=value;...`, or acc_json objects (cdr-formats.md 2.9).

In CDR mode a line has start_time and end_time and is a whole call. Lines of other modules are skipped.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from pydantic import Field

from pipeline.mediation.draft import Draft, Fields, Skip, Unreadable, bad_field
from pipeline.mediation.feed import Feed, FeedOptions
from pipeline.mediation.format import Format
from pipeline.mediation.json_records import decode_json
from pipeline.mediation.notes import Notes, readable
from pipeline.mediation.proxy_records import EXTRA_FIELDS, Transaction, draft_of_transaction
from pipeline.mediation.times import EPOCH, EPOCH_MAX_S
from pipeline.mediation.values import sip_status
from schemas.outcomes import RejectReason

_MARK = "ACC: "
_NAMES = {"timestamp": "time", "call_id": "callid", "code": "sip_code", "reason": "sip_reason"}
"""Names in syslog, and in JSON and databases."""


class KamailioOptions(FeedOptions):
    """Options of this format."""

    extra_keys: dict[str, str] = Field(
        {"src_user": "calling", "dst_ouser": "called", "src_ip": "src_ip"},
        description=f"keys of acc_extra, and what they hold: {', '.join(EXTRA_FIELDS)}",
    )


_DECODER = msgspec.json.Decoder(dict[str, Any])


def parse(value: bytes, feed: Feed[KamailioOptions]) -> Sequence[Draft | Skip]:
    """Read one record."""
    content, notes = _content(value)
    if content is None:
        return [Skip("another syslog line")]
    extra: Fields = {
        EXTRA_FIELDS[meaning]: content[key]
        for key, meaning in feed.options.extra_keys.items()
        if meaning in EXTRA_FIELDS and content.get(key)
    }
    if "start_time" in content and "end_time" in content:
        return [_call_draft(content, extra, notes)]
    status = sip_status(content.get("sip_code"))
    if status is None:
        raise bad_field("code", content.get("sip_code"), "a SIP status")
    dialog = content.get("callid", ""), content.get("from_tag", ""), content.get("to_tag", "")
    seen = Transaction(content.get("method", ""), *dialog, status, _instant("time", content.get("time")))
    return [draft_of_transaction(seen, extra, notes)]


def _content(value: bytes) -> tuple[Mapping[str, str] | None, Notes]:
    if value.lstrip().startswith(b"{"):
        document, notes = decode_json(_DECODER, value)
        return _renamed(
            {key: str(found) for key, found in document.items() if isinstance(found, str | int | float)}
        ), notes
    text, notes = readable(value)
    _, mark, record = text.partition(_MARK)
    if not mark:
        return None, notes
    pairs = (pair.partition("=") for pair in record.partition(": ")[2].strip().split(";"))
    return _renamed({key.strip(): found for key, equals, found in pairs if equals}), notes


def _renamed(content: Mapping[str, str]) -> dict[str, str]:
    return {_NAMES.get(key, key): found for key, found in content.items()}


def _instant(name: str, text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        seconds = Decimal(text)
        if seconds.is_finite() and 0 < seconds <= EPOCH_MAX_S:
            return EPOCH + timedelta(microseconds=int(seconds * 1_000_000))
    except InvalidOperation:
        pass
    raise bad_field(name, text, "seconds since 1970")


def _call_draft(content: Mapping[str, str], extra: Fields, notes: Notes) -> Draft:
    """A whole call of CDR mode. Its start is that of the dialog, which is its answer."""
    call_id = content.get("callid", "")
    answered, released = _instant("start_time", content["start_time"]), _instant("end_time", content["end_time"])
    if not call_id or answered is None or released is None:
        raise Unreadable(RejectReason.BAD_FIELD, "A CDR needs callid, start_time and end_time.")
    tags = sorted(filter(None, (content.get("from_tag"), content.get("to_tag"))))
    fields: Fields = {
        "leg_id": ";".join(tags) or None,
        "ingress_call_id": call_id,
        "sip_status": sip_status(content.get("sip_code")),
        "answered_at": answered,
        "released_at": released,
        "reported_ms": _milliseconds(content.get("duration")),
        "duration_basis": "answer",
        "tz_source": "epoch",
        **extra,
    }
    return Draft((call_id, *tags, "cdr", content["start_time"]), call_id, fields, notes)


def _milliseconds(seconds: str | None) -> int | None:
    """The printed `duration`, seconds with a fraction."""
    if not seconds:
        return None
    try:
        exact = Decimal(seconds) * 1_000
    except InvalidOperation:
        exact = Decimal("NaN")
    if not exact.is_finite() or abs(exact) > EPOCH_MAX_S:
        raise bad_field("duration", seconds, "seconds, such as 41.125")
    return int(exact.to_integral_value())


FORMAT = Format(
    name="kamailio_acc",
    about="Kamailio acc, syslog or acc_json",
    tells="INVITE and BYE of a proxy, or whole calls in CDR mode; seconds to microseconds; SIP status",
    parse=parse,
    options=KamailioOptions,
)
