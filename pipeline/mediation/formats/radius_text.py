"""RADIUS accounting as text, one packet a paragraph: h323 attributes of Cisco, Eltex, Oracle (cdr-formats.md 2.1, 2.4).

The session time of an interim is cumulative. Causes are hexadecimal. `Event-Timestamp` may be written in the
server's language and is never read. Numbers are those that came in, not those after translation.

A packet that nobody confirmed is sent again, and only says that it has waited longer (RFC 2866, 5.2). So the delay is
part of the key, and a STOP that was sent again is another report of the same leg, a duplicate and not in conflict.
"""

import re
from collections.abc import Mapping, Sequence

from pipeline.mediation.causes import q850_or_none
from pipeline.mediation.draft import Draft, Fields, Restarted, Skip, Unreadable, bad_field, shown
from pipeline.mediation.feed import Feed, FeedOptions, customer_side
from pipeline.mediation.format import Format
from pipeline.mediation.framing import paragraphs
from pipeline.mediation.local_times import Printed
from pipeline.mediation.notes import Notes, readable
from pipeline.mediation.values import sip_status, whole_number
from pipeline.mediation.zoned_times import ZonedClock
from schemas.cdr import Direction, RecordType
from schemas.outcomes import RejectReason

_ATTRIBUTE = re.compile(r"^[ \t]*([A-Za-z][\w-]*) = (.*)$", re.MULTILINE)
RECORDS = {"Start": RecordType.START, "Interim-Update": RecordType.INTERIM, "Stop": RecordType.STOP}
CALL_ORIGIN, ANSWERING, ORIGINATING = "h323-call-origin", "answer", "originate"
DELAY, AT_ONCE = "Acct-Delay-Time", "0"
_RESTARTS = frozenset({"Accounting-On", "Accounting-Off"})
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{1,2}\Z")

Attributes = Mapping[str, str]


def parse(value: bytes, feed: Feed[FeedOptions]) -> Sequence[Draft | Skip]:
    """Read one packet."""
    text, notes = readable(value)
    try:
        return _read(text, feed, notes)
    except Unreadable as refused:
        if not _is_cut(text):
            raise
        detail = f"The packet ends within an attribute: {shown(text[-40:])}."
        raise Unreadable(RejectReason.TRUNCATED, detail) from refused


def _is_cut(text: str) -> bool:
    """Whether attributes end in a line that is none, or that has a quote which is open (R29)."""
    begin, _, last = text.rstrip().rpartition("\n")
    return bool(_ATTRIBUTE.search(begin)) and (last.count('"') % 2 == 1 or not _ATTRIBUTE.match(last))


def _read(text: str, feed: Feed[FeedOptions], notes: Notes) -> Sequence[Draft | Skip]:
    attributes = attributes_of(text)
    status = attributes.get("Acct-Status-Type")
    if status is None:
        raise Unreadable(
            RejectReason.UNKNOWN_LAYOUT, "The packet has no Acct-Status-Type, expected an accounting request."
        )
    if status in _RESTARTS:
        return [Skip(status, Restarted(_node_of(attributes)))]
    if status not in RECORDS:
        raise bad_field("Acct-Status-Type", status, f"one of {', '.join([*RECORDS, *sorted(_RESTARTS)])}")
    return [_draft(attributes, RECORDS[status], feed, notes)]


def attributes_of(text: str) -> dict[str, str]:
    """Names and values; a vendor pair counts under its own name. The first of equal names stays."""
    found: dict[str, str] = {}
    for name, written in _ATTRIBUTE.findall(text):
        content = written.strip().strip('"')
        if name.endswith("AVPair"):
            name, _, content = content.partition("=")  # noqa: PLW2901 - the pair's own name
        if name not in found:
            found[name] = content
    return found


def _draft(attributes: Attributes, record_type: RecordType, feed: Feed[FeedOptions], notes: Notes) -> Draft:
    session = attributes.get("Acct-Session-Id")
    if not session:
        raise bad_field("Acct-Session-Id", session, "the id of the session")
    spoken = attributes.get("Acct-Session-Time", attributes.get("session-time"))
    seconds = whole_number("Acct-Session-Time", spoken)
    ingress = _first(attributes, "h323-remote-id", "Acme-Originating-Trunk-Group")
    egress = attributes.get("Acme-Terminating-Trunk-Group")
    side = customer_side(
        feed.options,
        (ingress, attributes.get("Acme-Session-Ingress-Realm")),
        (egress, attributes.get("Acme-Session-Egress-Realm")),
    )
    fields: Fields = {
        "record_type": record_type,
        "source_node": _node_of(attributes) or feed.source.node,
        "leg_id": session,
        "direction": side.direction,
        "is_billed_leg": is_billed(attributes.get(CALL_ORIGIN), side.direction),
        "claimed_trunk_id": side.trunk_id,
        "user_name": attributes.get("User-Name") or None,
        "calling_raw": _first(attributes, "xpgk-src-number-in", "Calling-Station-Id"),
        "called_raw": _first(attributes, "xpgk-dst-number-in", "Called-Station-Id"),
        "ingress_trunk_group": ingress,
        "egress_trunk_group": egress,
        "pai_raw": attributes.get("Acme-P-Asserted-ID"),
        "reported_ms": None if seconds is None else seconds * 1_000,
        "duration_basis": "answer",
        **_outcome(attributes),
        **_times(attributes, record_type, seconds, feed, notes),
    }
    is_interim = record_type is RecordType.INTERIM
    key = (session, spoken or "") if is_interim else (session,)
    waited = attributes.get(DELAY) or AT_ONCE
    key = key if waited == AT_ONCE else (*key, waited)
    return Draft(key, _call_of(attributes) or session, fields, notes)


def _times(
    attributes: Attributes, record_type: RecordType, seconds: int | None, feed: Feed[FeedOptions], notes: Notes
) -> Fields:
    names = {"started_at": "h323-setup-time", "answered_at": "h323-connect-time", "released_at": "h323-disconnect-time"}
    stamps = {field: (name, attributes.get(name, "")) for field, name in names.items()}
    printed = [Printed("answered_at", "released_at", seconds * 1_000)] if seconds is not None else []
    times = ZonedClock(feed.zone, notes).instants(stamps, printed)
    if record_type is RecordType.STOP and seconds == 0 and times["answered_at"] == times["released_at"]:
        # Gateways print the disconnect as connect time of a call that nobody answered.
        times["answered_at"] = None
    return {**times, "src_tz": str(feed.zone), "tz_source": "explicit"}


def is_billed(origin: str | None, direction: Direction | None) -> bool:
    """Cisco gateways write both legs of a call: the one that faces the customer bills (R30)."""
    return origin not in {ANSWERING, ORIGINATING} or (origin == ANSWERING) == (direction is not Direction.INBOUND)


def _node_of(attributes: Attributes) -> str | None:
    return _first(attributes, "NAS-IP-Address", "NAS-Identifier")


def _first(attributes: Attributes, *names: str) -> str | None:
    return next((attributes[name] for name in names if attributes.get(name)), None)


def _call_of(attributes: Attributes) -> str | None:
    return _first(attributes, "Acme-Session-Ingress-CallId", "h323-conf-id")


def _outcome(attributes: Attributes) -> Fields:
    """Oracle gives the cause in decimal in an attribute of its own; its h323 cause is no Q.850 value for SIP."""
    cause = attributes.get("h323-disconnect-cause")
    q850 = q850_or_none(whole_number("Acme-Disconnect-Cause", attributes.get("Acme-Disconnect-Cause")))
    return {
        "q850": q850 or hexadecimal_cause(cause),
        "sip_status": sip_status(attributes.get("Acme-SIP-Status")),
        "native_cause": cause or attributes.get("Acct-Terminate-Cause"),
        "ingress_call_id": attributes.get("Acme-Session-Ingress-CallId"),
        "egress_call_id": attributes.get("Acme-Session-Egress-CallId"),
    }


def hexadecimal_cause(text: str | None) -> int | None:
    """`10` is 16: Cisco-style causes are hexadecimal (R38)."""
    return q850_or_none(int(text, 16)) if text and _HEXADECIMAL.match(text) else None


FORMAT = Format(
    name="radius_text",
    about="RADIUS accounting packets as text (Cisco, Eltex)",
    tells="START, INTERIM (cumulative), STOP; whole seconds or milliseconds; Q.850 cause",
    parse=parse,
    frames=paragraphs,
)
