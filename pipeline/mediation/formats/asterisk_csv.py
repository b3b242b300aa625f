"""Asterisk CDRs in CSV: Master.csv and the exports made from it, one line for each Dial attempt (cdr-formats.md 2.8).

Times are local. `uniqueid` begins with the UTC epoch of the channel's creation, so the offset is recovered from it;
where it cannot be, the zone of the source decides. An export without answer and end columns has both by arithmetic:
end = start + duration, answer = end - billsec.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from pydantic import Field, field_validator

from pipeline.mediation.csv_records import split_line
from pipeline.mediation.draft import Draft, Fields, Skip, bad_field
from pipeline.mediation.feed import Feed, FeedOptions
from pipeline.mediation.format import Format
from pipeline.mediation.layouts import Layout, configured_layout, layout_of, least_columns, shipped_layouts
from pipeline.mediation.local_times import Printed, candidates, possible_times, resolve
from pipeline.mediation.notes import Notes, readable
from pipeline.mediation.values import whole_number
from schemas.outcomes import Flag, RejectClass

CLASSES = {
    "NO ANSWER": RejectClass.NOANSWER,
    "BUSY": RejectClass.BUSY,
    "FAILED": RejectClass.FAILURE,
    "CONGESTION": RejectClass.FAILURE,
}
ANSWERED = "ANSWERED"
_STAMP_EXPECTED = "a time such as 2026-10-01 12:00:00"
QUARTER_HOUR = 900
"""Seconds; clocks differ from UTC by whole quarters of an hour."""
OFFSET_MAX_S = 15 * 3_600
_HOUR = timedelta(hours=1)
CREATION_TOLERANCE_S = 5
"""A CDR starts this long after its channel at most, else the channel's epoch says nothing of the record's offset."""
_UNIQUEID = re.compile(r"(?:.*-)?(\d{9,10})\.\d+\Z", re.ASCII)
_CHANNEL = re.compile(r"(?P<name>.+)-[0-9a-f]{8}(?:;[12])?\Z")

NEEDED = frozenset({
    "clid", "src", "dst", "channel", "dstchannel", "duration", "billsec", "disposition", "uniqueid",
})  # fmt: skip

Row = Mapping[str, str]


class AsteriskOptions(FeedOptions):
    """Options of this format."""

    columns: tuple[str, ...] | None = Field(None, description="names of the columns, where their order is another")
    trunk_column: str = Field("accountcode", description="column that names the trunk")

    @field_validator("columns")
    @classmethod
    def _has_what_is_needed(cls, columns: tuple[str, ...] | None) -> tuple[str, ...] | None:
        missing = NEEDED - set(columns or NEEDED)
        if missing:
            raise ValueError(f"the columns {', '.join(sorted(missing))} are missing")
        return columns


def parse(value: bytes, feed: Feed[AsteriskOptions]) -> Sequence[Draft | Skip]:
    """Read one line; a line of column names is skipped."""
    text, notes = readable(value)
    layouts = _layouts(feed.options)
    values = split_line(text.rstrip("\r\n"), columns_min=least_columns(layouts))
    if "disposition" in values and "uniqueid" in values:
        return [Skip("column names")]
    layout = layout_of(layouts, values, knows_cuts=True)
    row = layout.row(values)
    if row["disposition"] not in {ANSWERED, *CLASSES}:
        raise bad_field("disposition", row["disposition"], f"one of {ANSWERED}, {', '.join(CLASSES)}")
    return [_draft(row, layout, feed, notes)]


def _layouts(options: AsteriskOptions) -> Sequence[Layout]:
    return [configured_layout(options.columns)] if options.columns else shipped_layouts("asterisk_csv")


def _draft(row: Row, layout: Layout, feed: Feed[AsteriskOptions], notes: Notes) -> Draft:
    unique_id = row["uniqueid"]
    linked_id = _known(row.get("linkedid")) or unique_id
    sequence = whole_number("sequence", _known(row.get("sequence")))
    fields: Fields = {
        "leg_id": unique_id or None,
        "record_seq": sequence,
        "calling_raw": _known(row["src"]),
        "called_raw": _known(row["dst"]),
        "display_name": display_name(row["clid"]),
        "ingress_trunk_group": endpoint(row["channel"]),
        "egress_trunk_group": endpoint(row["dstchannel"]),
        "carrier_id": endpoint(row["dstchannel"]) or dialled_carrier(row.get("lastdata", "")),
        "claimed_trunk_id": _known(row.get(feed.options.trunk_column)),
        "direction": feed.options.direction,
        "native_cause": row["disposition"],
        "reported_ms": _seconds("billsec", row["billsec"]) * 1_000,
        "duration_basis": "answer",
        **_times(row, feed, notes),
    }
    _settle_answer(fields, row["disposition"], notes)
    key = (layout.name, linked_id, unique_id, "" if sequence is None else str(sequence)) if unique_id else ()
    return Draft(key, linked_id or None, fields, notes)


def _settle_answer(fields: Fields, disposition: str, notes: Notes) -> None:
    """Where disposition and times disagree, the times win (R2)."""
    answered = fields.get("answered_at") is not None
    if answered != (disposition == ANSWERED) and fields.get("released_at") is not None:
        notes.warn(Flag.DISPOSITION_CONFLICT)
    if not answered:
        fields["reject_class"] = CLASSES.get(disposition)


def _times(row: Row, feed: Feed[AsteriskOptions], notes: Notes) -> Fields:
    duration, billsec = _seconds("duration", row["duration"]), _seconds("billsec", row["billsec"])
    started = _started(row)
    offset = _offset_of_channel(started, row["uniqueid"])
    zone: tzinfo = feed.zone
    if offset is not None and (
        started.replace(tzinfo=zone).utcoffset() != offset or len(candidates(started, zone)) > 1
    ):
        zone = timezone(offset)  # in an hour that the clock passes twice, too: the channel knows which one it was
    if "end" not in row:
        placed = resolve({"started_at": started}, zone, (), notes)
        placed |= _derived(row, placed["started_at"], duration, billsec) if len(candidates(started, zone)) == 1 else {}
        return {**placed, "src_tz": str(zone), "tz_source": "config" if offset is None else "epoch"}
    stamps = {
        "started_at": started, "answered_at": _stamp("answer", row["answer"]), "released_at": _stamp("end", row["end"]),
    }  # fmt: skip
    printed = [Printed("started_at", "released_at", duration * 1_000)]
    if stamps["answered_at"] is not None:
        printed.append(Printed("answered_at", "released_at", billsec * 1_000))
    times = resolve(stamps, zone, printed, notes)
    if offset is None:
        return {**times, "src_tz": str(zone), "tz_source": "config"}
    if isinstance(zone, timezone) or feed.source.time_zone == "UTC":
        times = behind_a_change_of_the_clock(times, printed, notes)
    return {**times, "src_tz": str(zone), "tz_source": "epoch"}


def behind_a_change_of_the_clock(times: Fields, printed: Sequence[Printed], notes: Notes) -> Fields:
    """Where only the channel's offset is known, the clock may have been set by an hour since its start (R17).

    Then the stamps are out of order, or further apart than the printed durations; one reading of the later ones fits.
    """
    known = {name: instant for name, instant in times.items() if instant is not None}
    choices = {name: [at] if name == "started_at" else [at, at + _HOUR, at - _HOUR] for name, at in known.items()}
    if possible_times({name: choice[:1] for name, choice in choices.items()}, printed):
        return times
    possible = possible_times(choices, printed)
    if len(possible) != 1:
        return times
    notes.warn(Flag.TZ_GUESSED)
    return dict(possible[0])


def _started(row: Row) -> datetime:
    started = _stamp("start", row.get("start", row.get("calldate", "")))
    if started is None:
        raise bad_field("start", "", _STAMP_EXPECTED)
    return started


def _derived(row: Row, started: datetime, duration: int, billsec: int) -> Fields:
    """What follows from the durations: reckoned in UTC, because the clock may be set in the middle of a call (R17)."""
    released = started + timedelta(seconds=duration)
    answered = released - timedelta(seconds=billsec) if row["disposition"] == ANSWERED else None
    return {"answered_at": answered, "released_at": released}


def _offset_of_channel(started: datetime, unique_id: str) -> timedelta | None:
    """The local clock's offset when the channel was created, to the quarter of an hour."""
    created = _UNIQUEID.match(unique_id)
    if not created:
        return None
    ahead = round((started - datetime.fromtimestamp(int(created[1]), UTC).replace(tzinfo=None)).total_seconds())
    offset = round(ahead / QUARTER_HOUR) * QUARTER_HOUR
    is_near = abs(ahead - offset) <= CREATION_TOLERANCE_S and abs(offset) <= OFFSET_MAX_S
    return timedelta(seconds=offset) if is_near else None


def _stamp(name: str, text: str) -> datetime | None:
    if not _known(text):
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - local, resolved with its zone later
    except ValueError:
        raise bad_field(name, text, _STAMP_EXPECTED) from None


def _seconds(name: str, text: str) -> int:
    return whole_number(name, _known(text)) or 0


def _known(text: str | None) -> str | None:
    return None if text in {None, "", "NULL", "\\N"} else text


def endpoint(channel: str) -> str | None:
    """`PJSIP/carrier-00000012` -> `carrier`."""
    name = _CHANNEL.match(channel.partition("/")[2])
    return name["name"] if name else None


def dialled_carrier(arguments: str) -> str | None:
    """`PJSIP/442079460101@carrier,30` and `SIP/carrier/442079460101` -> `carrier`: where Dial was to go (R31)."""
    _, slash, target = arguments.partition(",")[0].partition("&")[0].partition("/")
    number, at, carrier = target.rpartition("@")
    if not slash or not at:
        carrier, slash, number = target.partition("/")
    return (carrier or None) if slash and number else None


def display_name(clid: str) -> str | None:
    """`"Jo Doe" <1001>` -> `Jo Doe`."""
    return clid.rpartition("<")[0].strip().strip("\"'").strip() or None


FORMAT = Format(
    name="asterisk_csv",
    about="Asterisk Master.csv and exports made from it",
    tells="one line for each attempt; whole seconds; disposition instead of a cause",
    parse=parse,
    options=AsteriskOptions,
)
