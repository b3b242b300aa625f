"""FreeSWITCH mod_cdr_csv: one line for each leg, its columns chosen by a template (cdr-formats.md 2.7).

A template with the columns `direction` and `call_uuid` tells the two legs of a call apart and joins them, as the module
writes with `legs=ab`: then one of them bills (R30). Without them every line is a leg that bills.

Stamps are local to the server. A trip through a spreadsheet destroys their seconds (`2020/2/10 22:41`): such stamps
only place the call, and its printed durations count (R53).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import Field, field_validator

from pipeline.mediation.causes import q850_or_none
from pipeline.mediation.csv_records import split_line
from pipeline.mediation.draft import Draft, Fields, Skip, bad_field
from pipeline.mediation.durations import LOW_RESOLUTION_MS
from pipeline.mediation.feed import Feed, FeedOptions
from pipeline.mediation.format import Format
from pipeline.mediation.formats.freeswitch_causes import q850_of_name, reject_class_of_name
from pipeline.mediation.formats.freeswitch_variables import is_billed
from pipeline.mediation.layouts import Layout, configured_layout, layout_of, least_columns, shipped_layouts
from pipeline.mediation.local_times import Printed, resolve
from pipeline.mediation.notes import Notes, readable
from pipeline.mediation.values import text_or_none, whole_number

_STAMP = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2}) (\d{1,2}):(\d{2})(?::(\d{2}))?\Z", re.ASCII)
_NEEDED = frozenset(
    {"caller_id_number", "destination_number", "start_stamp", "answer_stamp", "end_stamp", "hangup_cause"}
)

Row = Mapping[str, str]


class FreeSwitchCsvOptions(FeedOptions):
    """Options of this format."""

    columns: tuple[str, ...] | None = Field(None, description="names of the columns, where the template is another")
    trunk_column: str = Field("accountcode", description="column that names the trunk")

    @field_validator("columns")
    @classmethod
    def _has_what_is_needed(cls, columns: tuple[str, ...] | None) -> tuple[str, ...] | None:
        missing = _NEEDED - set(columns or _NEEDED)
        if missing:
            raise ValueError(f"the columns {', '.join(sorted(missing))} are missing")
        return columns


class _Stamp(NamedTuple):
    local: datetime
    resolution_ms: int


def parse(value: bytes, feed: Feed[FreeSwitchCsvOptions]) -> Sequence[Draft | Skip]:
    """Read one line; a line of column names is skipped."""
    text, notes = readable(value)
    layouts = _layouts(feed.options)
    values = split_line(text.rstrip("\r\n"), columns_min=least_columns(layouts))
    if {"hangup_cause", "destination_number"} <= set(values):
        return [Skip("column names")]
    layout = layout_of(layouts, values, knows_cuts=True)
    return [_draft(layout, layout.row(values), feed, notes)]


def _layouts(options: FreeSwitchCsvOptions) -> Sequence[Layout]:
    return [configured_layout(options.columns)] if options.columns else shipped_layouts("freeswitch_csv")


def _draft(layout: Layout, row: Row, feed: Feed[FreeSwitchCsvOptions], notes: Notes) -> Draft:
    leg_id = text_or_none(row.get("uuid"))
    cause = text_or_none(row["hangup_cause"])
    q850 = whole_number("hangup_cause_q850", row.get("hangup_cause_q850"))
    billsec = whole_number("billsec", row.get("billsec"))
    times, resolution_ms = _times(row, billsec, feed, notes)
    fields: Fields = {
        "leg_id": leg_id,
        "calling_raw": text_or_none(row["caller_id_number"]),
        "called_raw": text_or_none(row["destination_number"]),
        "display_name": text_or_none(row.get("caller_id_name")),
        "claimed_trunk_id": text_or_none(row.get(feed.options.trunk_column)),
        "direction": feed.options.direction,
        "is_billed_leg": _is_billed(row, feed.options),
        "q850": q850_or_none(q850) or q850_of_name(cause),
        "native_cause": cause,
        "reject_class": None if row["answer_stamp"] else reject_class_of_name(cause),
        "reported_ms": None if billsec is None else billsec * 1_000,
        "duration_basis": "answer",
        "codec_in": text_or_none(row.get("read_codec")),
        "codec_out": text_or_none(row.get("write_codec")),
        **times,
    }
    call = text_or_none(row.get("call_uuid")) or leg_id
    return Draft((layout.name, leg_id) if leg_id else (), call, fields, notes, resolution_ms)


def _is_billed(row: Row, options: FreeSwitchCsvOptions) -> bool:
    """Where the line tells which leg it is of, the customer's leg; the B leg is the one that goes out."""
    side = row.get("direction")
    return not side or is_billed(options.direction, is_caller_leg=side != "outbound")


def _times(row: Row, billsec: int | None, feed: Feed[FreeSwitchCsvOptions], notes: Notes) -> tuple[Fields, int]:
    names = {"started_at": "start_stamp", "answered_at": "answer_stamp", "released_at": "end_stamp"}
    stamps = {field: stamp for field, name in names.items() if (stamp := _stamp(name, row[name])) is not None}
    printed = []
    duration = whole_number("duration", row.get("duration"))
    if duration is not None:
        printed.append(Printed("started_at", "released_at", duration * 1_000))
    if billsec is not None:
        printed.append(Printed("answered_at", "released_at", billsec * 1_000))
    instants = resolve({name: stamp.local for name, stamp in stamps.items()}, feed.zone, printed, notes)
    resolution_ms = max((stamp.resolution_ms for stamp in stamps.values()), default=1)
    return {**instants, "src_tz": str(feed.zone), "tz_source": "config"}, resolution_ms


def _stamp(name: str, text: str) -> _Stamp | None:
    if not text:
        return None
    found = _STAMP.match(text)
    try:
        if found:
            year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
            local = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - resolved with its zone later
            return _Stamp(local, 1_000 if found[6] else LOW_RESOLUTION_MS)
    except ValueError:
        pass
    raise bad_field(name, text, "a time such as 2026-10-01 12:00:00")


FORMAT = Format(
    name="freeswitch_csv",
    about="FreeSWITCH mod_cdr_csv",
    tells="one line for each leg; whole seconds; Q.850 cause",
    parse=parse,
    options=FreeSwitchCsvOptions,
)
