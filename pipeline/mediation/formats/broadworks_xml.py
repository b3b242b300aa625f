"""BroadWorks accounting XML: one `cdrData` element for each record (cdr-formats.md 2.13).

Times are UTC; the user's time zone beside them is not applied. Records of type Start and End are audit marks.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from pipeline.mediation.causes import q850_or_none
from pipeline.mediation.draft import Draft, Fields, Skip, bad_field
from pipeline.mediation.feed import Feed, FeedOptions, customer_side
from pipeline.mediation.format import Format
from pipeline.mediation.framing import xml_elements
from pipeline.mediation.notes import Notes, readable
from pipeline.mediation.values import text_or_none, whole_number
from pipeline.mediation.xml_records import is_wrapper, read_elements
from schemas.outcomes import Flag

_TAG = "cdrData"
_AUDIT = frozenset({"Start", "End"})
_CALLS = frozenset({"Normal", "Long Duration"})
_NOT_ANSWERED = "No"
_RELEASERS = {"local": "caller", "remote": "callee"}


def parse(value: bytes, feed: Feed[FeedOptions]) -> Sequence[Draft | Skip]:
    """Read one record."""
    text, notes = readable(value)
    if is_wrapper(text, _TAG):
        return [Skip("XML around the records")]
    row = {element.path[-1]: element.text for element in read_elements(text, _TAG) if element.text}
    kind = row.get("type", "")
    if kind in _AUDIT:
        return [Skip(f"audit record {kind}")]
    if kind not in _CALLS:
        raise bad_field("type", kind, f"one of {', '.join(sorted(_AUDIT | _CALLS))}")
    return [_draft(row, feed, notes)]


def _draft(row: dict[str, str], feed: Feed[FeedOptions], notes: Notes) -> Draft:
    answered = _instant("answerTime", row.get("answerTime"))
    if (answered is None) != (row.get("answerIndicator", _NOT_ANSWERED) == _NOT_ANSWERED):
        notes.warn(Flag.DISPOSITION_CONFLICT)
    side = customer_side(feed.options, [row.get("group")], [row.get("route")])
    leg_id = row.get("localCallId")
    fields: Fields = {
        "source_node": row.get("systemId") or feed.source.node,
        "leg_id": leg_id,
        "parent_leg_id": row.get("relatedCallId"),
        "direction": side.direction,
        "claimed_trunk_id": side.trunk_id,
        "user_name": row.get("userNumber"),
        "calling_raw": row.get("callingNumber"),
        "called_raw": row.get("dialedDigits") or row.get("calledNumber"),
        "ingress_call_id": row.get("accessCallID"),
        "ingress_trunk_group": row.get("group"),
        "egress_trunk_group": row.get("route"),
        "started_at": _instant("startTime", row.get("startTime")),
        "answered_at": answered,
        "released_at": _instant("releaseTime", row.get("releaseTime")),
        "tz_source": "explicit",
        "q850": q850_or_none(whole_number("terminationCause", row.get("terminationCause"))),
        "native_cause": row.get("terminationCause"),
        "release_party": _RELEASERS.get(row.get("releasingParty", "")),
    }
    key = tuple(filter(None, (row.get("eventCounter"), row.get("systemId"), row.get("date")))) or (leg_id or "",)
    return Draft(key if any(key) else (), text_or_none(row.get("accessCallID")) or leg_id, fields, notes)


def _instant(name: str, text: str | None) -> datetime | None:
    """`20160419210006.813`, UTC."""
    if not text:
        return None
    try:
        return datetime.strptime(text if "." in text else f"{text}.0", "%Y%m%d%H%M%S.%f").replace(tzinfo=UTC)
    except ValueError:
        raise bad_field(name, text, "a time such as 20261001120000.813") from None


FORMAT = Format(
    name="broadworks_xml",
    about="BroadWorks accounting XML",
    tells="one record for each leg; milliseconds; Q.850 cause",
    parse=parse,
    frames=xml_elements(_TAG),
)
