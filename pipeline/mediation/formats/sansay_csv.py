"""Sansay VSXi: values separated by semicolons, one line for each route attempt (cdr-formats.md 2.6).

Times are local, with the minutes west of Greenwich in the record. The flag I marks an attempt of a hunt that goes on.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

from pipeline.mediation.causes import q850_or_none
from pipeline.mediation.draft import Draft, Fields, Skip, bad_field
from pipeline.mediation.feed import Feed, FeedOptions, customer_side
from pipeline.mediation.format import Format
from pipeline.mediation.layouts import layout_of, shipped_layouts
from pipeline.mediation.notes import Notes, readable
from pipeline.mediation.times import MONTHS
from pipeline.mediation.values import figure, sip_status, text_or_none, whole_number
from schemas.cdr import RecordType
from schemas.outcomes import Flag, RejectClass

_AUDIT = "A"
_TYPE_POSITION = 2
_RELEASERS = {"O": "caller", "T": "callee", "N": "platform", "E": "platform"}
_FINAL = {"F": RecordType.STOP, "I": RecordType.ATTEMPT}
_ANSWERED = "1"
"""Release cause of an answered call, written 01 or 0001."""
_MINUTES_WEST_MAX = 15 * 60


def parse(value: bytes, feed: Feed[FeedOptions]) -> Sequence[Draft | Skip]:
    """Read one line; audit lines are skipped."""
    text, notes = readable(value)
    values = text.rstrip("\r\n").split(";")
    if len(values) > _TYPE_POSITION and values[_TYPE_POSITION] == _AUDIT:
        return [Skip("audit line")]
    row = layout_of(shipped_layouts("sansay_csv"), values, knows_cuts=True).row(values)
    if row["type"] != "R":
        raise bad_field("record type", row["type"], "R or A")
    return [_draft(row, feed, notes)]


def _draft(row: dict[str, str], feed: Feed[FeedOptions], notes: Notes) -> Draft:
    if row["final"] not in _FINAL:
        raise bad_field("final route indication", row["final"], "F or I")
    times = _times(row)
    if (times["answered_at"] is not None) != (row["release_cause"].lstrip("0") == _ANSWERED):
        notes.warn(Flag.DISPOSITION_CONFLICT)
    side = customer_side(feed.options, [row["ingress_trunk"]], [row["egress_trunk"]])
    fields: Fields = {
        "record_type": _FINAL[row["final"]],
        "is_final_attempt": row["final"] == "F",
        "record_seq": whole_number("record sequence", row["sequence"]),
        "leg_id": text_or_none(row["session_id"]),
        "ingress_call_id": text_or_none(row["ingress_call_id"]),
        "egress_call_id": text_or_none(row["egress_call_id"]),
        "direction": side.direction,
        "claimed_trunk_id": side.trunk_id,
        "calling_raw": text_or_none(row["calling"]),
        "called_raw": text_or_none(row["called"]),
        "pai_raw": text_or_none(row["asserted_identity"]),
        "source_ip": text_or_none(row["ingress_host"]),
        "ingress_trunk_group": text_or_none(row["ingress_trunk"]),
        "egress_trunk_group": text_or_none(row["egress_trunk"]),
        "carrier_id": text_or_none(row["egress_trunk"]),
        "reported_ms": whole_number("duration", row["duration_ms"]),
        "duration_basis": "answer",
        "pdd_ms": (figure(row["post_dial_delay"], most=2**20) or 0) * 1_000,
        **times,
        **_outcome(row),
        **_media(row),
    }
    key = (row["sequence"], row["session_id"])
    return Draft(key, row["ingress_call_id"] or row["session_id"] or None, fields, notes)


def _times(row: dict[str, str]) -> Fields:
    west = whole_number("minutes west", row["minutes_west"])
    if west is None or abs(west) > _MINUTES_WEST_MAX:
        raise bad_field("minutes west", row["minutes_west"], "the minutes west of Greenwich")
    zone = timezone(timedelta(minutes=-west))
    names = {"started_at": "start", "answered_at": "answer", "released_at": "release"}
    return {
        **{field: _instant(name, row[name], zone) for field, name in names.items()},
        "src_tz": str(zone),
        "tz_source": "offset",
    }


def _instant(name: str, text: str, zone: timezone) -> datetime | None:
    """`Mon Dec 15 11:38:34 2003`; `NA` did not happen."""
    if text in {"NA", ""}:
        return None
    try:
        _, month, day, clock, year = text.split()
        hour, minute, second = map(int, clock.split(":"))
        local = datetime(int(year), MONTHS[month.upper()], int(day), hour, minute, second, tzinfo=zone)
        return local.astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        raise bad_field(name, text, "a time such as Mon Dec 15 11:38:34 2003") from None


def _outcome(row: dict[str, str]) -> Fields:
    cause = whole_number("cause", row["cause"])
    is_sip = row["ingress_protocol"].upper() == "SIP"
    return {
        "sip_status": sip_status(row["cause"]) if is_sip else None,
        "q850": None if is_sip else q850_or_none(cause),
        "native_cause": text_or_none(row["release_cause"]),
        "release_party": _RELEASERS.get(row["first_release"]),
        "reject_class": RejectClass.CAPACITY if "capacity" in row["cause_text"].lower() else None,
    }


def _media(row: dict[str, str]) -> Fields:
    return {
        "codec_in": text_or_none(row["ingress_codec"]),
        "codec_out": text_or_none(row["egress_codec"]),
        "fax": "t38" if "T.38" in {row["ingress_codec"], row["egress_codec"]} else None,
        "packets_in": figure(row["packets_in"]),
        "packets_out": figure(row["packets_out"]),
        "jitter_ms": figure(row["jitter"]),
    }


FORMAT = Format(
    name="sansay_csv",
    about="Sansay VSXi",
    tells="route attempts; whole seconds, printed milliseconds; SIP or Q.850 cause; sequence numbers",
    parse=parse,
)
