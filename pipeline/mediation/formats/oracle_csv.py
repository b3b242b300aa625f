"""Oracle (Acme Packet) SBC, local CSV: RADIUS attributes in the order of the release (cdr-formats.md 2.1).

The layout follows from the record type and the number of values; data/layouts/oracle_csv.yaml has those that are
known, and a source can add its own. Times carry zone abbreviations, so the node's zone must be set. Inner quotes are
not escaped. The charge ends at signalling, also when media stopped earlier (R21).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from pipeline.mediation.causes import q850_or_none
from pipeline.mediation.csv_records import split_line
from pipeline.mediation.draft import Draft, Fields, Restarted, Skip, Unreadable, bad_field
from pipeline.mediation.feed import Feed, FeedOptions, customer_side
from pipeline.mediation.format import Format
from pipeline.mediation.layouts import Layout, layout_of, least_columns, shipped_layouts
from pipeline.mediation.local_times import Printed
from pipeline.mediation.media import loss_pct_x100
from pipeline.mediation.notes import Notes, readable
from pipeline.mediation.values import figure, mos_x100, r_factor, sip_status, text_or_none, whole_number
from pipeline.mediation.zoned_times import ZonedClock
from schemas.cdr import RecordType
from schemas.outcomes import Flag

_RECORDS = {"1": RecordType.START, "2": RecordType.STOP, "3": RecordType.INTERIM}
_RESTARTS = {"7": "Accounting-On", "8": "Accounting-Off"}
INITIATORS = {"0": "unknown", "1": "caller", "2": "callee", "3": "platform"}
ANSWERED = "3"
FIRST_ATTRIBUTE = 200
_NEVER = frozenset({"", "0"})
LATE_TEARDOWN = timedelta(seconds=60)


class OracleOptions(FeedOptions):
    """Options of this format."""

    trunk_attribute: int | None = Field(200, ge=200, le=230, description="custom attribute that names the trunk")
    session_time_unit: Literal["s", "ms"] = Field("s", description="unit of Acct-Session-Time")
    layouts: tuple[Layout, ...] = Field((), description="layouts of further releases, tried before the shipped ones")


def parse(value: bytes, feed: Feed[OracleOptions]) -> Sequence[Draft | Skip]:
    """Read one line."""
    text, notes = readable(value)
    layouts = (*feed.options.layouts, *shipped_layouts("oracle_csv"))
    kind = _RECORDS.get(text.partition(",")[0], "")
    values = split_line(text.rstrip("\r\n"), columns_min=least_columns(layouts, kind))
    if values[0] in _RESTARTS:
        return [Skip(_RESTARTS[values[0]], Restarted(text_or_none("".join(values[1:2]))))]
    record_type = _RECORDS.get(values[0])
    if record_type is None:
        raise bad_field("Acct-Status-Type", values[0], "1, 2, 3, 7 or 8")
    layout = layout_of(layouts, values, record_type, knows_cuts=True)
    return [_draft(layout.row(values), _trunk(values, layout, feed.options), record_type, feed, notes)]


def _trunk(values: Sequence[str], layout: Layout, options: OracleOptions) -> str | None:
    first = layout.positions.get("first_custom")
    if first is None or options.trunk_attribute is None:
        return None
    return text_or_none(values[first - 1 + options.trunk_attribute - FIRST_ATTRIBUTE])


def _draft(
    row: dict[str, str], trunk: str | None, record_type: RecordType, feed: Feed[OracleOptions], notes: Notes
) -> Draft:
    times = _times(row, feed, notes)
    status = sip_status(row.get("status"))
    if record_type is RecordType.INTERIM and row["connect"].strip() in _NEVER:
        # Unsuccessful-Attempt, for each recursed route: no part of a call (R24).
        record_type = RecordType.ATTEMPT
    session, sequence = row["session_id"], whole_number("sequence", row["sequence"])
    if not session:
        raise bad_field("Acct-Session-Id", session, "the id of the session")
    side = customer_side(
        feed.options,
        (row["ingress_trunk_group"], row["ingress_realm"]),
        (row["egress_trunk_group"], row["egress_realm"]),
    )
    fields: Fields = {
        "record_type": record_type,
        "record_seq": sequence,
        "source_node": text_or_none(row["node"]) or feed.source.node,
        "leg_id": session,
        "claimed_trunk_id": trunk or side.trunk_id,
        "direction": side.direction,
        **times,
        **_parties(row),
        **_outcome(row, status, notes, answered=row["connect"].strip() not in _NEVER),
        **_media(row),
    }
    for printed in _printed(row, feed.options):
        fields |= {"reported_ms": printed.milliseconds, "duration_basis": "answer"}
    is_part = record_type in {RecordType.INTERIM, RecordType.ATTEMPT}
    return Draft(
        (session, row["sequence"]) if is_part else (session,), text_or_none(row["ingress_call_id"]), fields, notes
    )


def _times(row: dict[str, str], feed: Feed[OracleOptions], notes: Notes) -> Fields:
    stamps = {
        "started_at": ("h323-setup-time", row["setup"]),
        "answered_at": ("h323-connect-time", row["connect"]),
        "released_at": ("h323-disconnect-time", row.get("disconnect", "")),
    }
    found = ZonedClock(feed.zone, notes).instants(stamps, _printed(row, feed.options))
    stops = [_media_stop(row.get(f"media_stop_{number}", ""), feed) for number in range(1, 5)]
    last = max((stop for stop in stops if stop is not None), default=None)
    released = found["released_at"]
    if released is not None and last is not None and released - last > LATE_TEARDOWN:
        notes.warn(Flag.LATE_TEARDOWN)
    known = {name: instant for name, instant in found.items() if instant is not None}
    return {**known, "src_tz": str(feed.zone), "tz_source": "explicit"}


def _printed(row: dict[str, str], options: OracleOptions) -> list[Printed]:
    if not row.get("session_time"):
        return []
    factor = 1_000 if options.session_time_unit == "s" else 1
    seconds = whole_number("Acct-Session-Time", row["session_time"]) or 0
    return [Printed("answered_at", "released_at", seconds * factor)]


def _media_stop(text: str, feed: Feed[OracleOptions]) -> datetime | None:
    """It only tells a late teardown, so one that cannot be read stops nothing."""
    try:
        return ZonedClock(feed.zone, Notes()).instant("media stop time", text)
    except Unreadable:
        return None


def _parties(row: dict[str, str]) -> Fields:
    return {
        "calling_raw": text_or_none(row["calling"]),
        "called_raw": text_or_none(row["called"]),
        "pai_raw": text_or_none(row["asserted_identity"]),
        "diversion_raw": text_or_none(row["diversion"]),
        "ingress_call_id": text_or_none(row["ingress_call_id"]),
        "egress_call_id": text_or_none(row["egress_call_id"]),
        "ingress_trunk_group": text_or_none(row["ingress_trunk_group"]),
        "egress_trunk_group": text_or_none(row["egress_trunk_group"]),
        "carrier_id": text_or_none(row["egress_trunk_group"]),
        "source_ip": host(row["ingress_remote"]),
        "pdd_ms": figure(row["post_dial_delay"]),
    }


def host(address: str) -> str | None:
    """`203.0.113.9:5061` and `[2001:db8::9]:5061` without the port."""
    return text_or_none(address.rpartition(":")[0].strip("[]"))


def fax_of_flow(kind: str) -> str | None:
    """A flow of images is T.38 (R43)."""
    return "t38" if kind.lower() in {"image", "t38", "t.38"} else None


def _outcome(row: dict[str, str], status: int | None, notes: Notes, *, answered: bool) -> Fields:
    disposition = row.get("disposition")
    if disposition in {"1", "2", ANSWERED} and answered != (disposition == ANSWERED):
        notes.warn(Flag.DISPOSITION_CONFLICT)
    return {
        "sip_status": status,
        "q850": q850_or_none(whole_number("Acme-Disconnect-Cause", row.get("cause"))),
        "native_cause": text_or_none(row.get("terminate_cause")),
        "release_party": INITIATORS.get(row.get("initiator", "")),
    }


def _media(row: dict[str, str]) -> Fields:
    packets = figure(row.get("calling_packets"))
    return {
        "codec_in": text_or_none(row["codec_in"]),
        "codec_out": text_or_none(row.get("codec_out")),
        "fax": fax_of_flow(row["codec_in"]) or fax_of_flow(row.get("flow_type_2", "")),
        "mos_x100": mos_x100(row.get("calling_mos")),
        "r_factor": r_factor(row.get("calling_r_factor")),
        "loss_pct_x100": loss_pct_x100(figure(row.get("calling_lost")), packets),
        "jitter_ms": figure(row.get("calling_jitter")),
        "rtt_ms": figure(row.get("called_latency")),
        "packets_in": packets,
        "packets_out": figure(row.get("called_packets")),
    }


FORMAT = Format(
    name="oracle_csv",
    about="Oracle (Acme Packet) SBC, local CSV",
    tells="START, INTERIM, STOP; milliseconds; Q.850 and SIP cause; media figures; sequence numbers",
    parse=parse,
    options=OracleOptions,
)
