"""AudioCodes Mediant: CALL and MEDIA lines with columns padded by blanks, in syslog or in CSV (cdr-formats.md 2.3).

A CALL_END alone is a whole leg; a call has two. The one that faces the customer bills. Media figures come in lines of
their own and are joined to the leg. Header lines are skipped, and in syslog every line that is no CDR.
"""

import re
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from pipeline.mediation.causes import q850_of_reason
from pipeline.mediation.draft import Draft, Fields, Skip, Unreadable, bad_field
from pipeline.mediation.feed import Feed, FeedOptions, customer_side
from pipeline.mediation.format import Format
from pipeline.mediation.layouts import layout_of, shipped_layouts
from pipeline.mediation.local_times import Printed
from pipeline.mediation.media import loss_pct_x100
from pipeline.mediation.notes import Notes, readable
from pipeline.mediation.values import figure, mos_x100, r_factor, sip_status, text_or_none, whole_number
from pipeline.mediation.zoned_times import ZonedClock
from schemas.cdr import Direction, RecordType
from schemas.outcomes import RejectReason

_SEQUENCE = re.compile(r"\[S\s?=\s?(\d{1,18})\]\s*\|?", re.ASCII)
_HEADERS = frozenset({"SBCReportType", "MediaReportType"})
_CALLS = {"CALL_START": RecordType.START, "CALL_CONNECT": RecordType.INTERIM, "CALL_END": RecordType.STOP}
_MEDIA = frozenset({"MEDIA_START", "MEDIA_UPDATE", "MEDIA_END"})
_ENDPOINTS = frozenset({"SBC", "TEL"})
_REMOTE, _LOCAL = "RMT", "LCL"
_CLEARED = "NORMAL_CALL_CLEAR"
_NORMAL_CLEARING, _REQUEST_TERMINATED = 16, 487
_DISTINCT_SESSION = ":"
"""A session id such as `d31f02:17:4411` is unique; old releases print 0."""

Row = dict[str, str]


class AudioCodesOptions(FeedOptions):
    """Options of this format."""

    transport: Literal["syslog", "csv"] = Field(
        "syslog", description="in syslog other lines stand between the CDRs and are skipped; in csv every line is a CDR"
    )


def parse(value: bytes, feed: Feed[AudioCodesOptions]) -> Sequence[Draft | Skip]:
    """Read one line."""
    text, notes = readable(value)
    mark = _SEQUENCE.search(text)
    values = [column.strip() for column in (text[mark.end() :] if mark else text).split("|")]
    kind = values[0]
    if kind in _HEADERS:
        return [Skip("column names")]
    if kind not in _CALLS and kind not in _MEDIA:
        return _other_line(kind, feed)
    layouts = shipped_layouts("audiocodes")
    if kind in _MEDIA and not any(values[1:]):
        return [Skip("blank media line")]
    if kind in _MEDIA:
        return [_media_draft(layout_of(layouts, values, "MEDIA").row(values), _sequence(mark), feed, notes)]
    row = layout_of(layouts, values, "CALL").row(values)
    return [_call_draft(row, _sequence(mark), feed, notes)]


def _other_line(kind: str, feed: Feed[AudioCodesOptions]) -> Sequence[Skip]:
    if feed.options.transport == "syslog":
        return [Skip("another syslog line")]
    known = ", ".join([*_CALLS, *sorted(_MEDIA)])
    detail = f"The line begins {kind[:40]!a}, expected a record type: {known}."
    raise Unreadable(RejectReason.UNKNOWN_LAYOUT, detail)


def _sequence(mark: re.Match[str] | None) -> int | None:
    return int(mark[1]) if mark else None


def _call_draft(row: Row, sequence: int | None, feed: Feed[AudioCodesOptions], notes: Notes) -> Draft:
    if row["endpoint"] not in _ENDPOINTS:
        raise bad_field("EPTyp", row["endpoint"], f"one of {', '.join(sorted(_ENDPOINTS))}")
    if row["orig"] not in {_REMOTE, _LOCAL}:
        raise bad_field("Orig", row["orig"], f"{_LOCAL} or {_REMOTE}")
    record_type = _CALLS[row["type"]]
    is_caller_leg = row["orig"] == _REMOTE
    fields: Fields = {
        "record_type": record_type,
        "record_seq": sequence,
        "leg_id": text_or_none(row["call_id"]),
        "ingress_call_id": row["call_id"] if is_caller_leg else None,
        "egress_call_id": None if is_caller_leg else row["call_id"],
        "calling_raw": text_or_none(row["src_uri_before_map"]) or text_or_none(row["src_uri"]),
        "called_raw": text_or_none(row["dst_uri_before_map"]) or text_or_none(row["dst_uri"]),
        "diversion_raw": text_or_none(row["redirect_uri_before_map"]) or text_or_none(row["redirect_uri"]),
        "source_ip": text_or_none(row["source_ip"]),
        "transport": text_or_none(row["transport"].lower()),
        **_customer(row, feed.options, is_caller_leg=is_caller_leg),
        **_times(row, feed, notes),
        **_outcome(row, is_caller_leg=is_caller_leg),
    }
    if record_type is RecordType.STOP:
        seconds = whole_number("Duration", row["duration"])
        fields |= {"reported_ms": None if seconds is None else seconds * 1_000, "duration_basis": "answer"}
    key = (row["call_id"], row["session_id"], row.get("leg_id", ""))
    return Draft(key if row["call_id"] else (), _call_of(row), fields, notes)


def _call_of(row: Row) -> str | None:
    return row["session_id"] if _DISTINCT_SESSION in row["session_id"] else text_or_none(row["call_id"])


def _customer(row: Row, options: AudioCodesOptions, *, is_caller_leg: bool) -> Fields:
    """The leg that faces the customer bills; without a named group, the side that the feed's direction says (R30)."""
    groups = [row["ip_group"]]
    side = customer_side(options, groups if is_caller_leg else [], [] if is_caller_leg else groups)
    if options.customer_group is None:
        is_billed = is_caller_leg == (options.direction is not Direction.INBOUND)
    else:
        is_billed = re.search(options.customer_group, row["ip_group"]) is not None
    group = "ingress_trunk_group" if is_caller_leg else "egress_trunk_group"
    return {
        "direction": side.direction,
        "claimed_trunk_id": side.trunk_id,
        "is_billed_leg": is_billed,
        group: text_or_none(row["ip_group"]),
    }


def _times(row: Row, feed: Feed[AudioCodesOptions], notes: Notes) -> Fields:
    seconds = whole_number("Duration", row["duration"])
    printed = [Printed("answered_at", "released_at", seconds * 1_000)] if seconds is not None else []
    stamps = {
        "started_at": ("SetupTime", row["setup"]),
        "answered_at": ("ConnectTime", row["connect"]),
        "released_at": ("ReleaseTime", row["release"]),
    }
    return {
        **ZonedClock(feed.zone, notes).instants(stamps, printed),
        "src_tz": str(feed.zone),
        "tz_source": "explicit",
    }


def _outcome(row: Row, *, is_caller_leg: bool) -> Fields:
    status = _REQUEST_TERMINATED if row["sip_reason"] == "CANCEL" else sip_status(row["sip_reason"])
    was_cleared = bool(row["connect"]) and row["reason_category"] == _CLEARED
    far_end, near_end = ("caller", "callee") if is_caller_leg else ("callee", "caller")
    return {
        "sip_status": status,
        "q850": q850_of_reason(row.get("sip_description")) or (_NORMAL_CLEARING if was_cleared else None),
        "native_cause": text_or_none(row["reason"]),
        "release_party": {_REMOTE: far_end, _LOCAL: near_end}.get(row["released_by"]),
    }


def _media_draft(row: Row, sequence: int | None, feed: Feed[AudioCodesOptions], notes: Notes) -> Draft:
    received = figure(row["packets_in"])
    is_fax = bool(row["latched_t38_ip"]) or row["coder"].lower().startswith("t38")
    fields: Fields = {
        "record_type": RecordType.MEDIA,
        "record_seq": sequence,
        "source_node": feed.source.node,
        "leg_id": text_or_none(row["call_id"]),
        "codec_in": text_or_none(row["coder"]),
        "fax": "t38" if is_fax else None,
        "packets_in": received,
        "packets_out": figure(row["packets_out"]),
        "loss_pct_x100": loss_pct_x100(figure(row["local_lost"]), received),
        "jitter_ms": figure(row["jitter"]),
        "rtt_ms": figure(row["delay"]),
        "r_factor": r_factor(row["local_r_factor"]),
        "mos_x100": mos_x100(row["local_mos"]),
    }
    key = (
        row["call_id"],
        row["session_id"],
        row["leg_id"],
        row["cid"],
        row["type"],
        row["packets_in"],
        row["packets_out"],
    )
    return Draft(key, _call_of(row), fields, notes)


FORMAT = Format(
    name="audiocodes",
    about="AudioCodes Mediant, syslog or CSV",
    tells="START, CONNECT, END of each leg; milliseconds; SIP reason; media figures in lines of their own",
    parse=parse,
    options=AudioCodesOptions,
)
