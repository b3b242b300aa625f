"""Ribbon (Sonus) SBC core, ACT files: START, STOP, ATTEMPT and INTERMEDIATE lines (cdr-formats.md 2.2).

The answer is the start plus the ticks to service, the release is the answer plus the ticks of service; a tick is 10
ms. The printed stamps are rounded to tenths and only place the call. Times are local; the zone's name gives the base
offset, and whether the node's clock observes daylight saving is a setting.
"""

import re
from collections.abc import Sequence
from datetime import MAXYEAR, MINYEAR, datetime, timedelta, timezone, tzinfo

from pydantic import Field

from pipeline.mediation.causes import q850_or_none
from pipeline.mediation.csv_records import split_line
from pipeline.mediation.draft import Draft, Fields, Restarted, Skip, bad_field
from pipeline.mediation.feed import Feed, FeedOptions, customer_side
from pipeline.mediation.format import Format
from pipeline.mediation.layouts import layout_of, least_columns, shipped_layouts
from pipeline.mediation.local_times import Printed, resolve
from pipeline.mediation.media import loss_pct_x100
from pipeline.mediation.notes import Notes, readable
from pipeline.mediation.times import zone_named
from pipeline.mediation.values import figure, sip_status, text_or_none, whole_number
from schemas.cdr import RecordType
from schemas.outcomes import RejectReason

RECORDS = {
    "START": RecordType.START,
    "STOP": RecordType.STOP,
    "ATTEMPT": RecordType.ATTEMPT,
    "INTERMEDIATE": RecordType.INTERIM,
}
_RESTARTS = frozenset({"SWITCHOVER", "REBOOT"})
_REGISTER_LINES = frozenset({"SWITCHOVER", "REBOOT", "EVENT"})
_ZONE = re.compile(r"GMT([+-])(\d{2}):(\d{2})(?:-(.*))?\Z", re.ASCII)
_ZONES_OF_NAMES = {
    "Eastern(US)": "America/New_York",
    "Central(US)": "America/Chicago",
    "Mountain(US)": "America/Denver",
    "Pacific(US)": "America/Los_Angeles",
}
_HOURS_MAX = 15
"""No clock is further from UTC."""
_STAMP_FORMAT = "%m/%d/%Y %H:%M:%S.%f"
_CALL_ID, _RELEASED_BY = 1, 18
"""Places in the protocol data of a SIP leg."""
TICK = timedelta(milliseconds=10)
TICKS_MAX = 2**40


class RibbonOptions(FeedOptions):
    """Options of this format."""

    observes_dst: bool = Field(
        default=False,
        description="the node's clock follows daylight saving, by the named US zone or else the source's time_zone",
    )


Row = dict[str, str]


def parse(value: bytes, feed: Feed[RibbonOptions]) -> Sequence[Draft | Skip]:
    """Read one line; register lines and file headers are skipped."""
    text, notes = readable(value)
    kind = text.partition(",")[0].strip()
    if kind in _REGISTER_LINES or kind.lower().startswith(("sonus", "ribbon")):
        return [Skip(kind, _restarted(kind, text))]
    if kind not in RECORDS:
        raise bad_field("record type", kind, f"one of {', '.join([*RECORDS, *sorted(_REGISTER_LINES)])}")
    layouts, record = shipped_layouts("ribbon_act"), "STOP" if kind == "INTERMEDIATE" else kind
    values = split_line(text.rstrip("\r\n"), columns_min=least_columns(layouts, record))
    layout = layout_of(layouts, values, record, knows_cuts=True)
    return [_draft(layout.row(values), RECORDS[kind], feed, notes)]


def _restarted(kind: str, text: str) -> Restarted | None:
    """A register line names its gateway behind the kind."""
    if kind not in _RESTARTS:
        return None
    return Restarted(text_or_none(text.partition(",")[2].partition(",")[0].strip()))


def _draft(row: Row, record_type: RecordType, feed: Feed[RibbonOptions], notes: Notes) -> Draft:
    ingress, egress = _protocol_data(row["ingress_data"]), _protocol_data(row["egress_data"])
    side = customer_side(feed.options, [row["ingress_trunk_group"]], [row["egress_trunk_group"]])
    accounting_id = row["accounting_id"]
    if not accounting_id:
        raise bad_field("Accounting ID", accounting_id, "the id of the call")
    node = text_or_none(row["node"]) or feed.source.node
    call_id = text_or_none(ingress[_CALL_ID])
    fields: Fields = {
        "record_type": record_type,
        "record_seq": whole_number("record sequence number", row["sequence"]),
        "source_node": node,
        "leg_id": accounting_id,
        "route_attempt": figure(row["route_attempt"]),
        "is_final_attempt": row["final"] != "0" if row.get("final") else None,
        "ingress_call_id": call_id,
        "egress_call_id": text_or_none(egress[_CALL_ID]),
        "direction": side.direction,
        "claimed_trunk_id": side.trunk_id,
        "calling_raw": text_or_none(row["calling"]),
        "called_raw": text_or_none(row["dialled"]) or text_or_none(row["called"]),
        "ingress_trunk_group": text_or_none(row["ingress_trunk_group"]),
        "egress_trunk_group": text_or_none(row["egress_trunk_group"]),
        "carrier_id": text_or_none(row["egress_trunk_group"]),
        "source_ip": text_or_none(row["ingress_remote"]),
        "sip_status": sip_status(row.get("status")) or sip_status(ingress[_RELEASED_BY]),
        "q850": q850_or_none(whole_number("disconnect reason", row.get("cause"))),
        "native_cause": text_or_none(row.get("cause")),
        **_times(row, record_type, feed, notes),
        **_media(row),
    }
    return Draft((accounting_id, row["sequence"]), call_id or f"{node}/{accounting_id}", fields, notes)


def _protocol_data(text: str) -> Sequence[str]:
    """The inner values of a SIP leg, with `%22` for a quote; empty ones where there are none."""
    values = [value.replace("%22", '"') for value in text.split(",")]
    return values + [""] * (_RELEASED_BY + 1 - len(values))


def _times(row: Row, record_type: RecordType, feed: Feed[RibbonOptions], notes: Notes) -> Fields:
    started = _stamp("start time", row["start_date"], row["start_time"])
    if started is None:
        raise bad_field("start time", "", "the time of the setup")
    printed = _stamp("disconnect time", row.get("release_date", ""), row.get("release_time", ""))
    to_service, of_service = _ticks("to service", row), _ticks("of service", row)
    spans = []
    if to_service is not None and of_service is not None:
        spans = [Printed("started_at", "released_at", (to_service + of_service) * 10)]
    zone = zone_of(row["zone"], feed)
    if contradicts(zone, row["zone"], started.year):
        detail = f"The line names {row['zone']!a}, and the node is set to {zone}. Set its time zone, then replay."
        notes.block(RejectReason.TZ_AMBIGUOUS, detail)
    placed = resolve({"started_at": started, "released_at": printed}, zone, spans, notes)
    fields: Fields = {**placed, "src_tz": row["zone"], "tz_source": "explicit"}
    fields |= _by_ticks(placed, row, to_service, of_service) if record_type != RecordType.ATTEMPT else {}
    if record_type is RecordType.INTERIM:
        fields.pop("released_at", None)  # its ticks count up to it; the call goes on
    return fields


def _by_ticks(placed: Fields, row: Row, to_service: int | None, of_service: int | None) -> Fields:
    """Answer and release of a call in service, from the ticks."""
    started = placed.get("started_at")
    if started is None or to_service is None:
        return {}
    fields: Fields = {"answered_at": started + to_service * TICK}
    alerting = whole_number("ticks to alerting", row["ticks_to_alerting"])
    if alerting:
        fields["alerted_at"] = started + alerting * TICK
    if of_service is not None:
        fields |= {
            "released_at": fields["answered_at"] + of_service * TICK,
            "reported_ms": of_service * 10,
            "duration_basis": "answer",
        }
    return fields


def _ticks(name: str, row: Row) -> int | None:
    field = {"to service": "ticks_to_service", "of service": "service_ticks"}[name]
    ticks = whole_number(f"ticks {name}", row.get(field))
    least = -TICKS_MAX if name == "of service" else 0
    if ticks is not None and not least <= ticks < TICKS_MAX:
        raise bad_field(f"ticks {name}", ticks, "a number of 10 ms ticks")
    return ticks


def _stamp(name: str, date: str, time: str) -> datetime | None:
    if not date or not time:
        return None
    try:
        return datetime.strptime(f"{date} {time}", _STAMP_FORMAT)  # noqa: DTZ007 - local, resolved with its zone
    except ValueError:
        raise bad_field(name, f"{date} {time}", "a time such as 10/01/2026 12:00:00.5") from None


def zone_of(name: str, feed: Feed[RibbonOptions]) -> tzinfo:
    """`GMT-08:00-Pacific(US)`: the base offset, or a zone with daylight saving where the node observes it."""
    found = _ZONE.match(name)
    if not found or int(found[2]) > _HOURS_MAX:
        raise bad_field("zone", name, "a zone such as GMT-08:00-Pacific(US)")
    size = timedelta(hours=int(found[2]), minutes=int(found[3]))
    base = -size if found[1] == "-" else size
    if not feed.options.observes_dst:
        return timezone(base)
    named = _ZONES_OF_NAMES.get(found[4] or "")
    return zone_named(named) if named else feed.zone


def contradicts(zone: tzinfo, name: str, year: int) -> bool:
    """Whether a zone's offset without daylight saving is another one than the base offset that the line names."""
    found = _ZONE.match(name)
    if not found or isinstance(zone, timezone) or not MINYEAR <= year <= MAXYEAR:
        return False
    size = timedelta(hours=int(found[2]), minutes=int(found[3]))
    base = min(datetime(year, month, 2, tzinfo=zone).utcoffset() or timedelta() for month in (1, 7))
    return base != (-size if found[1] == "-" else size)


def _media(row: Row) -> Fields:
    received = figure(row.get("packets_in"))
    srtp = row.get("ingress_srtp")
    return {
        "codec_in": text_or_none(row.get("ingress_codec")),
        "codec_out": text_or_none(row.get("egress_codec")),
        "packets_in": received,
        "packets_out": figure(row.get("packets_out")),
        "loss_pct_x100": loss_pct_x100(figure(row.get("lost")), received),
        "jitter_ms": figure(row.get("jitter")),
        "rtt_ms": figure(row.get("latency")),
        "srtp": srtp == "1" if srtp else None,
    }


FORMAT = Format(
    name="ribbon_act",
    about="Ribbon (Sonus) SBC core, ACT files",
    tells="START, INTERMEDIATE, STOP, route attempts; 10 ms ticks; Q.850 cause; media figures; sequence numbers",
    parse=parse,
    options=RibbonOptions,
)
