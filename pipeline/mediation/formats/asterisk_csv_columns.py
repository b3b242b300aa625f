"""Asterisk CDRs in columns: the fast twin of `asterisk_csv.parse`."""

from collections.abc import Iterator, Sequence
from datetime import timedelta, timezone
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.channel_columns import endpoints
from pipeline.mediation.columns import Mask, Numbers, as_mask, known_rows, same_in_all
from pipeline.mediation.csv_columns import Table, read_tables
from pipeline.mediation.feed import Feed
from pipeline.mediation.formats.asterisk_csv import (
    ANSWERED,
    CLASSES,
    CREATION_TOLERANCE_S,
    NEEDED,
    OFFSET_MAX_S,
    QUARTER_HOUR,
    AsteriskOptions,
    dialled_carrier,
    display_name,
)
from pipeline.mediation.layouts import configured_layout, shipped_layouts
from pipeline.mediation.local_columns import Instants, LocalStamps, offsets_in_zone, shifted
from pipeline.mediation.local_times import PRINTED_TOLERANCE
from pipeline.mediation.plain import Drafts
from pipeline.mediation.record_bytes import RecordBytes
from pipeline.mediation.text_columns import (
    NO_TEXT,
    is_blank,
    known_texts,
    known_where,
    mapped,
    readable_where,
    whole_numbers,
)
from pipeline.mediation.word_values import whole_numbers as whole_numbers_at
from schemas.cdr import RecordType

_NAMES = NEEDED | {"lastdata", "calldate", "start", "answer", "end", "linkedid", "sequence"}
_AS_THEY_ARE = {"clid", "channel", "dstchannel", "lastdata", "disposition", "uniqueid"}
"""Of these an unknown value has no word of its own."""
_UNKNOWN = pa.array(["", "NULL", "\\N"])
_UNKNOWN_FIRST, _UNKNOWN_MAX = b"N\\", len("NULL")
_UNIQUEID = r"^(?:[^\x00]*-)?(?P<epoch>[0-9]{9,10})\.[0-9]+$"
_DISPOSITIONS = pa.array([ANSWERED, *CLASSES])
_EPOCH_DIGITS = (9, 10)
_SECOND_US = 1_000_000
_TOLERANCE_US = PRINTED_TOLERANCE // timedelta(microseconds=1)


def read_columns(values: Sequence[bytes], feed: Feed[AsteriskOptions]) -> Iterator[tuple[Numbers, Drafts]]:
    """Yield groups of lines with their positions; lines that are in no group are for the specification."""
    options = feed.options
    layouts = [configured_layout(options.columns)] if options.columns else shipped_layouts("asterisk_csv")
    for table in read_tables(values, np.arange(len(values)), layouts, {*_NAMES, options.trunk_column}):
        yield table.positions, _drafts(table, feed)


def _drafts(table: Table, feed: Feed[AsteriskOptions]) -> Drafts:
    row = {name: _known(texts) for name, texts in table.values.items() if name not in _AS_THEY_ARE}
    count = len(table.positions)
    unique_id = table.values["uniqueid"]
    linked_id = pc.coalesce(row["linkedid"], unique_id)
    sequence, has_sequence = whole_numbers(row["sequence"])
    billsec, has_billsec = whole_numbers(row["billsec"], blank=0)
    duration, has_duration = whole_numbers(row["duration"], blank=0)
    times = _times(table, row, _Lengths(duration, billsec), feed)
    answered = as_mask(times.answered.column.is_valid())
    disposition = table.values["disposition"]
    agrees = answered == as_mask(pc.equal(disposition, ANSWERED))
    egress = endpoints(table.values["dstchannel"])
    columns = {
        "record_type": same_in_all(RecordType.STOP, pa.string(), count),
        "is_billed_leg": same_in_all(value=True, data_type=pa.bool_(), count=count),
        "leg_id": unique_id,
        "record_seq": sequence,
        "calling_raw": row["src"],
        "called_raw": row["dst"],
        "display_name": mapped(table.values["clid"], display_name, pa.string()),
        "ingress_trunk_group": endpoints(table.values["channel"]),
        "egress_trunk_group": egress,
        "carrier_id": pc.coalesce(egress, _dialled(table.values["lastdata"], egress)) if egress.null_count else egress,
        "claimed_trunk_id": row[feed.options.trunk_column],
        "direction": same_in_all(feed.options.direction, pa.string(), count),
        "native_cause": disposition,
        "reject_class": mapped(disposition, CLASSES.get, pa.string()),
        "reported_ms": pc.multiply(billsec, 1_000),
        "duration_basis": same_in_all("answer", pa.string(), count),
        "src_tz": times.zone,
        "tz_source": times.zone_from,
        "started_at": times.started.column,
        "answered_at": times.answered.column,
        "released_at": times.released.column,
    }
    readable = readable_where(
        count, ~is_blank(unique_id), has_sequence, has_billsec, has_duration, agrees, times.readable,
        as_mask(pc.is_in(disposition, _DISPOSITIONS)),
    )  # fmt: skip
    layout = same_in_all(table.layout.name, pa.string(), count)
    key = [layout, linked_id, unique_id, sequence.cast(pa.string()).fill_null("")]
    return Drafts(columns, key, linked_id, readable, table.raw)


def _dialled(arguments: pa.Array, egress: pa.Array) -> pa.Array:
    """Where Dial was to go, of the few calls that have no outgoing channel."""
    return mapped(known_where(arguments, ~known_rows(egress)), dialled_carrier, pa.string())


def _known(texts: pa.Array) -> pa.Array:
    """Only lengths of words for "unknown" are looked at, and only texts that may be one."""
    content = RecordBytes.of_texts(texts)
    lengths, first = np.diff(content.bounds), content.data.take(content.bounds[:-1])
    suspect = (lengths > 0) & (lengths <= _UNKNOWN_MAX) & ((first == _UNKNOWN_FIRST[0]) | (first == _UNKNOWN_FIRST[1]))
    if suspect.any():
        return pc.if_else(pc.is_in(texts, _UNKNOWN), NO_TEXT, texts)
    return known_texts(texts)


class _Lengths(NamedTuple):
    duration: pa.Array
    """Whole seconds; null where they cannot be read."""
    billsec: pa.Array


class _Times(NamedTuple):
    started: Instants
    answered: Instants
    released: Instants
    zone: pa.Array
    zone_from: pa.Array
    readable: Mask


def _times(table: Table, row: dict[str, pa.Array], lengths: _Lengths, feed: Feed[AsteriskOptions]) -> _Times:
    """Twin of the times of `asterisk_csv`: the channel's own offset, else the zone of the source."""
    started, answered, released = _stamps(table, row, lengths)
    created, has_epoch = _creation(table.values["uniqueid"])
    ahead = started.micros // _SECOND_US - created
    quarters = np.rint(ahead / QUARTER_HOUR).astype(np.int64) * QUARTER_HOUR
    own = has_epoch & (np.abs(ahead - quarters) <= CREATION_TOLERANCE_S) & (np.abs(quarters) <= OFFSET_MAX_S)
    printed = (started, answered, released) if "end" in table.layout.columns else (started,) * 3
    named = [offsets_in_zone(stamps, feed.zone) for stamps in printed]
    in_zone, decided = named[0]
    fixed = own & (quarters * _SECOND_US != in_zone)
    begin, answer, end = (
        shifted(stamps, np.where(fixed, quarters * _SECOND_US, offsets), fixed | known)
        for stamps, (offsets, known) in zip((started, answered, released), named, strict=True)
    )
    zone = same_in_all(str(feed.zone), pa.string(), len(own))
    if fixed.any():
        zones = mapped(pa.array(quarters, mask=~fixed).cast(pa.string()), _zone_name, pa.string())
        zone = pc.coalesce(zones, zone)
    from_epoch = pc.if_else(pa.array(own), "epoch", "config")
    readable = started.known & decided & begin.decided & answer.decided & end.decided
    readable &= _in_order(begin, answer, end, lengths.duration)
    return _Times(begin, answer, end, zone, from_epoch, readable)


def _in_order(begin: Instants, answer: Instants, end: Instants, duration: pa.Array) -> Mask:
    """No sign that the clock was set in the middle of the call, which the specification looks into."""
    start, answered, finish = (stamps.column.cast(pa.int64()) for stamps in (begin, answer, end))
    off = pc.abs(pc.subtract(pc.subtract(finish, start), pc.multiply(duration, _SECOND_US)))
    fits = pc.and_kleene(pc.less_equal(off, _TOLERANCE_US), pc.less_equal(start, answered))
    return as_mask(pc.fill_null(fits, fill_value=True))


def _zone_name(seconds: str) -> str:
    return str(timezone(timedelta(seconds=int(seconds))))


def _stamps(table: Table, row: dict[str, pa.Array], lengths: _Lengths) -> tuple[LocalStamps, LocalStamps, LocalStamps]:
    """Start, answer and end; where there is no end column both of the others follow from the durations."""
    names = set(table.layout.columns)
    started = LocalStamps.of(row["start" if "start" in names else "calldate"].fill_null(""))
    if "end" in names:
        return started, LocalStamps.of(row["answer"].fill_null("")), LocalStamps.of(row["end"].fill_null(""))
    duration, billsec = (seconds.fill_null(0).to_numpy() * _SECOND_US for seconds in lengths)
    released = started._replace(micros=np.where(started.known, started.micros + duration, 0))
    was_answered = started.known & as_mask(pc.equal(table.values["disposition"], ANSWERED))
    answered = LocalStamps(np.where(was_answered, released.micros - billsec, 0), was_answered, started.readable)
    return started, answered, released


def _creation(unique_ids: pa.Array) -> tuple[Numbers, Mask]:
    """The epoch that an id begins with, in seconds."""
    content = RecordBytes.of_texts(unique_ids)
    starts, ends = content.bounds[:-1], content.ends
    points = starts + np.maximum(pc.find_substring(unique_ids, ".").to_numpy(), 0)
    epochs, numbers = whole_numbers_at(content.words, starts, points), whole_numbers_at(content.words, points + 1, ends)
    lengths = points - starts
    usual = epochs.readable & numbers.readable & (lengths >= _EPOCH_DIGITS[0]) & (lengths <= _EPOCH_DIGITS[1])
    if usual.all():
        return epochs.values, usual
    rest = pc.if_else(pa.array(usual), NO_TEXT, unique_ids)
    others = pc.struct_field(pc.extract_regex(rest, _UNIQUEID), "epoch").cast(pa.int64())
    return np.where(usual, epochs.values, others.fill_null(0).to_numpy()), usual | as_mask(others.is_valid())
