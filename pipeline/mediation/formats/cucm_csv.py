"""Cisco CUCM: call detail records, and the call management records with media figures (cdr-formats.md 2.5).

Times are epoch seconds in UTC; a connect time of 0 is an unanswered call. The side with a cause released the call;
vendor values are kept as native causes. The lines of column names and of column types are skipped.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from pipeline.mediation.causes import q850_or_none
from pipeline.mediation.csv_records import split_line
from pipeline.mediation.draft import Draft, Fields, Skip, bad_field
from pipeline.mediation.feed import Feed, FeedOptions, customer_side
from pipeline.mediation.format import Format
from pipeline.mediation.layouts import layout_of, least_columns, shipped_layouts
from pipeline.mediation.media import loss_pct_x100
from pipeline.mediation.notes import Notes, readable
from pipeline.mediation.times import from_epoch_s
from pipeline.mediation.values import figure, mos_x100, text_or_none, whole_number
from schemas.cdr import RecordType

_NAMES, _TYPE = "cdrRecordType", re.compile(r"(INTEGER|VARCHAR|STRING|UNIQUEIDENTIFIER)")
_CDR, _CMR = "1", "2"
_QUALITY = re.compile(r"(?:^|;)MLQK=([0-9.]+)")

Row = dict[str, str]


def parse(value: bytes, feed: Feed[FeedOptions]) -> Sequence[Draft | Skip]:
    """Read one line."""
    text, notes = readable(value)
    layouts = shipped_layouts("cucm_csv")
    values = split_line(text.rstrip("\r\n"), columns_min=least_columns(layouts, text[:1]))
    if values[0] == _NAMES or _TYPE.match(values[0]):
        return [Skip("column names or types")]
    if values[0] not in {_CDR, _CMR}:
        raise bad_field(_NAMES, values[0], f"{_CDR} for a call, {_CMR} for media figures")
    row = layout_of(layouts, values, values[0], knows_cuts=True).row(values)
    return [_call_draft(row, feed, notes) if values[0] == _CDR else _media_draft(row, feed, notes)]


def _call_of(row: Row) -> str:
    return f"{row['cluster']}/{row['manager_id']}/{row['call_id']}"


def _call_draft(row: Row, feed: Feed[FeedOptions], notes: Notes) -> Draft:
    seconds = whole_number("duration", row["duration"])
    side = customer_side(feed.options, [row["orig_device"]], [row["dest_device"]])
    fields: Fields = {
        "source_node": text_or_none(row["cluster"]) or feed.source.node,
        "leg_id": text_or_none(row["orig_leg"]),
        "direction": side.direction,
        "claimed_trunk_id": side.trunk_id,
        "calling_raw": text_or_none(row["calling"]),
        "called_raw": text_or_none(row["original_called"]) or text_or_none(row["final_called"]),
        "diversion_raw": _redirected_by(row),
        "source_ip": text_or_none(row["orig_ip_text"]) or _address(row["orig_ip"]),
        "ingress_trunk_group": text_or_none(row["orig_device"]),
        "egress_trunk_group": text_or_none(row["dest_device"]),
        "started_at": _instant("dateTimeOrigination", row["origination"]),
        "answered_at": _instant("dateTimeConnect", row["connect"]),
        "released_at": _instant("dateTimeDisconnect", row["disconnect"]),
        "tz_source": "epoch",
        "reported_ms": None if seconds is None else seconds * 1_000,
        "duration_basis": "answer",
        **_outcome(row),
    }
    return Draft((row["pkid"],) if row["pkid"] else (), _call_of(row), fields, notes)


def _redirected_by(row: Row) -> str | None:
    """Who sent the call on last, where it did not reach whom it was for."""
    if row["final_called"] == row["original_called"]:
        return None
    return text_or_none(row["last_redirect"]) or text_or_none(row["original_called"])


def _instant(name: str, text: str) -> datetime | None:
    return from_epoch_s(name, whole_number(name, text))


def _outcome(row: Row) -> Fields:
    caller, callee = (whole_number(name, row[name]) or None for name in ("orig_cause", "dest_cause"))
    cause = caller or callee
    party = "unknown" if caller and callee else "caller" if caller else "callee" if callee else None
    return {
        "q850": q850_or_none(cause),
        "native_cause": None if cause is None else str(cause),
        "release_party": party,
    }


def _address(text: str) -> str | None:
    """A signed little-endian integer: 239138826 is 10.248.64.14."""
    number = whole_number("origIpAddr", text)
    if not number or not -(2**31) <= number < 2**32:
        return None
    return ".".join(str(number >> shift & 255) for shift in (0, 8, 16, 24))


def _media_draft(row: Row, feed: Feed[FeedOptions], notes: Notes) -> Draft:
    received = figure(row["packets_received"])
    quality = _QUALITY.search(row["quality"])
    fields: Fields = {
        "record_type": RecordType.MEDIA,
        "source_node": text_or_none(row["cluster"]) or feed.source.node,
        "leg_id": text_or_none(row["leg"]),
        "packets_in": received,
        "packets_out": figure(row["packets_sent"]),
        "loss_pct_x100": loss_pct_x100(figure(row["packets_lost"]), received),
        "jitter_ms": figure(row["jitter"]),
        "rtt_ms": figure(row["latency"]),
        "mos_x100": mos_x100(quality[1]) if quality else None,
    }
    return Draft((row["pkid"],) if row["pkid"] else (), _call_of(row), fields, notes)


FORMAT = Format(
    name="cucm_csv",
    about="Cisco CUCM, CDR and CMR files",
    tells="one line for each call; whole seconds; Q.850 cause of each side; media figures in lines of their own",
    parse=parse,
)
