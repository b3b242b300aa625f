"""Cisco CUBE, file accounting: one line for each of the two legs of a call (cdr-formats.md 2.4).

A leading `*` or `.` of a time says that the clock is not synchronised. Causes are hexadecimal. The leg that faces the
customer bills: the answering one of a call out, the originating one of a call in.
"""

import re
from collections.abc import Sequence

from pipeline.mediation.causes import q850_or_none
from pipeline.mediation.csv_records import split_line
from pipeline.mediation.draft import Draft, Fields, bad_field
from pipeline.mediation.feed import Feed, FeedOptions, customer_side
from pipeline.mediation.format import Format
from pipeline.mediation.layouts import layout_of, least_columns, shipped_layouts
from pipeline.mediation.notes import Notes, readable
from pipeline.mediation.values import figure, text_or_none
from pipeline.mediation.zoned_times import ZonedClock
from schemas.cdr import Direction
from schemas.outcomes import Flag

_CUSTOMER_IN, _CUSTOMER_OUT = "1", "2"
_TIMES = {"started_at": "setup", "alerted_at": "alert", "answered_at": "connect", "released_at": "disconnect"}
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{1,2}\Z")

Row = dict[str, str]


def parse(value: bytes, feed: Feed[FeedOptions]) -> Sequence[Draft]:
    """Read one line."""
    text, notes = readable(value)
    layouts = shipped_layouts("cube_csv")
    values = split_line(text.rstrip("\r\n"), columns_min=least_columns(layouts))
    row = layout_of(layouts, values, knows_cuts=True).row(values)
    if row["origin"] not in {_CUSTOMER_IN, _CUSTOMER_OUT}:
        raise bad_field("call-origin", row["origin"], f"{_CUSTOMER_IN} for answer, {_CUSTOMER_OUT} for originate")
    return [_draft(row, feed, notes)]


def _draft(row: Row, feed: Feed[FeedOptions], notes: Notes) -> Draft:
    is_caller_leg = row["origin"] == _CUSTOMER_IN
    side = customer_side(feed.options, [row["incoming_trunk_group"]], [row["outgoing_trunk_group"]])
    clock = ZonedClock(feed.zone, notes)
    fields: Fields = {
        "leg_id": text_or_none(row["call_id"]),
        "direction": side.direction,
        "claimed_trunk_id": side.trunk_id,
        "is_billed_leg": is_caller_leg == (side.direction is not Direction.INBOUND),
        "calling_raw": text_or_none(row["clid"]),
        "called_raw": text_or_none(row["dnis"]),
        "user_name": text_or_none(row["username"]),
        "source_ip": text_or_none(row["peer_address"]) if _is_address(row["peer_address"]) else None,
        "ingress_trunk_group": text_or_none(row["incoming_trunk_group"]),
        "egress_trunk_group": text_or_none(row["outgoing_trunk_group"]),
        **clock.instants({field: (name, row[name]) for field, name in _TIMES.items()}),
        "src_tz": str(feed.zone),
        "tz_source": "explicit",
        "q850": _cause(row["cause"]),
        "native_cause": text_or_none(row["cause"]),
        **_media(row),
    }
    fields["clock_ok"] = Flag.CLOCK_UNSYNC not in notes.flags
    key = (row["call_id"], row["conf_id"], row["leg_type"], row["origin"], row["feature_id"])
    return Draft(key, text_or_none(row["conf_id"]), fields, notes)


def _is_address(text: str) -> bool:
    return "." in text or ":" in text


def _cause(text: str) -> int | None:
    """`10` is 16 (R38)."""
    return q850_or_none(int(text, 16)) if _HEXADECIMAL.match(text) else None


def _media(row: Row) -> Fields:
    return {
        "codec_in": text_or_none(row["codec"]),
        "fax": "t38" if row["fax_relay_start"] or row["fax_relay_stop"] else None,
        "packets_in": figure(row["packets_in"]),
        "packets_out": figure(row["packets_out"]),
    }


FORMAT = Format(
    name="cube_csv",
    about="Cisco CUBE, file accounting",
    tells="two legs of each call; milliseconds; Q.850 cause",
    parse=parse,
)
