"""FreeSWITCH event CHANNEL_HANGUP_COMPLETE: `Name: value` lines with URL-encoded values, one event a paragraph."""

from collections.abc import Sequence
from urllib.parse import unquote

from pipeline.mediation.draft import Draft, Skip, Unreadable
from pipeline.mediation.feed import Feed
from pipeline.mediation.format import Format
from pipeline.mediation.formats.freeswitch_variables import FreeSwitchOptions, draft_of_variables
from pipeline.mediation.framing import paragraphs
from pipeline.mediation.notes import readable
from schemas.outcomes import RejectReason

_EVENT = "CHANNEL_HANGUP_COMPLETE"
_PREFIX = "variable_"
_HEADERS = {
    "Unique-ID": "uuid",
    "Caller-Caller-ID-Number": "caller_id_number",
    "Caller-Caller-ID-Name": "caller_id_name",
    "Caller-Destination-Number": "destination_number",
    "Caller-Channel-Created-Time": "created_time",
    "Caller-Channel-Answered-Time": "answered_time",
    "Caller-Channel-Hangup-Time": "hangup_time",
    "Hangup-Cause": "hangup_cause",
}
"""Headers that stand in for variables which are missing."""


def parse(value: bytes, feed: Feed[FreeSwitchOptions]) -> Sequence[Draft | Skip]:
    """Read one event; other events are skipped."""
    text, notes = readable(value)
    headers = dict(_headers(text, is_encoded=feed.options.url_encoded))
    event = headers.get("Event-Name")
    if event is None:
        raise Unreadable(RejectReason.UNKNOWN_LAYOUT, "The paragraph has no Event-Name, expected a FreeSWITCH event.")
    if event != _EVENT:
        return [Skip(f"event {event}")]
    plain = {variable: headers[name] for name, variable in _HEADERS.items() if headers.get(name)}
    variables = {
        name.removeprefix(_PREFIX): text for name, text in headers.items() if name.startswith(_PREFIX) and text
    }
    if "uuid" not in plain | variables:
        raise Unreadable(RejectReason.UNKNOWN_LAYOUT, "The event has no Unique-ID, expected one for each leg.")
    node = headers.get("FreeSWITCH-Switchname") or headers.get("FreeSWITCH-Hostname")
    return [draft_of_variables(plain | variables, node, feed, notes)]


def _headers(text: str, *, is_encoded: bool) -> Sequence[tuple[str, str]]:
    pairs = (line.partition(": ") for line in text.splitlines())
    return [(name, unquote(value) if is_encoded else value) for name, colon, value in pairs if colon]


FORMAT = Format(
    name="freeswitch_event",
    about="FreeSWITCH event CHANNEL_HANGUP_COMPLETE",
    tells="one event for each leg; microseconds; Q.850 and SIP cause; media figures",
    parse=parse,
    options=FreeSwitchOptions,
    frames=paragraphs,
)
