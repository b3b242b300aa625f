"""FreeSWITCH mod_cdr_csv in columns: the fast twin of `freeswitch_csv.parse`."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.causes import q850_or_none
from pipeline.mediation.columns import Numbers, same_in_all
from pipeline.mediation.csv_columns import Table, read_tables
from pipeline.mediation.feed import Feed
from pipeline.mediation.formats.freeswitch_causes import q850_of_name, reject_class_of_name
from pipeline.mediation.formats.freeswitch_csv import FreeSwitchCsvOptions
from pipeline.mediation.formats.freeswitch_variables import is_billed
from pipeline.mediation.layouts import configured_layout, shipped_layouts
from pipeline.mediation.local_columns import LocalStamps, in_zone
from pipeline.mediation.plain import Drafts
from pipeline.mediation.text_columns import (
    NO_TEXT,
    is_blank,
    known_texts,
    mapped,
    readable_where,
    whole_numbers,
)
from schemas.cdr import RecordType

_TIMES = {"started_at": "start_stamp", "answered_at": "answer_stamp", "released_at": "end_stamp"}
_NAMES = frozenset({
    *_TIMES.values(), "caller_id_name", "caller_id_number", "destination_number", "duration", "billsec",
    "hangup_cause", "hangup_cause_q850", "uuid", "call_uuid", "direction", "read_codec", "write_codec",
})  # fmt: skip


def read_columns(values: Sequence[bytes], feed: Feed[FreeSwitchCsvOptions]) -> Iterator[tuple[Numbers, Drafts]]:
    """Yield groups of lines with their positions; lines that are in no group are for the specification."""
    options = feed.options
    layouts = [configured_layout(options.columns)] if options.columns else shipped_layouts("freeswitch_csv")
    for table in read_tables(values, np.arange(len(values)), layouts, {*_NAMES, options.trunk_column}):
        yield table.positions, _drafts(table, feed)


def _drafts(table: Table, feed: Feed[FreeSwitchCsvOptions]) -> Drafts:
    row, count = table.values, len(table.positions)
    times = {name: in_zone(LocalStamps.of(row[column]), feed.zone) for name, column in _TIMES.items()}
    seconds, has_seconds = whole_numbers(row["billsec"])
    _, has_duration = whole_numbers(row["duration"])
    numeric, has_cause = whole_numbers(row["hangup_cause_q850"])
    cause = known_texts(row["hangup_cause"])
    causes = cause.dictionary_encode()
    named = mapped(causes, q850_of_name, pa.int32())
    leg_id = known_texts(row["uuid"])
    columns = {
        "record_type": same_in_all(RecordType.STOP, pa.string(), count),
        "is_billed_leg": _billed(row["direction"], feed.options),
        "leg_id": leg_id,
        "calling_raw": known_texts(row["caller_id_number"]),
        "called_raw": known_texts(row["destination_number"]),
        "display_name": known_texts(row["caller_id_name"]),
        "claimed_trunk_id": known_texts(row[feed.options.trunk_column]),
        "direction": same_in_all(feed.options.direction, pa.string(), count),
        "q850": pc.coalesce(mapped(numeric.cast(pa.string()), lambda text: q850_or_none(int(text)), pa.int32()), named),
        "native_cause": cause,
        "reject_class": pc.if_else(
            pa.array(is_blank(row["answer_stamp"])), mapped(causes, reject_class_of_name, pa.string()), NO_TEXT
        ),
        "reported_ms": pc.multiply(seconds, 1_000),
        "duration_basis": same_in_all("answer", pa.string(), count),
        "codec_in": known_texts(row["read_codec"]),
        "codec_out": known_texts(row["write_codec"]),
        "src_tz": same_in_all(str(feed.zone), pa.string(), count),
        "tz_source": same_in_all("config", pa.string(), count),
        **{name: instants.column for name, instants in times.items()},
    }
    decided = [instants.decided for instants in times.values()]
    known = ~is_blank(row["uuid"])
    readable = readable_where(count, known, has_seconds, has_duration, has_cause, *decided)
    key = leg_id.fill_null("")
    call = pc.if_else(pc.equal(row["call_uuid"], ""), key, row["call_uuid"])
    return Drafts(columns, [same_in_all(table.layout.name, pa.string(), count), key], call, readable, table.raw)


def _billed(side: pa.Array, options: FreeSwitchCsvOptions) -> pa.Array:
    """Twin of the question which leg a line is of."""
    going_out = is_billed(options.direction, is_caller_leg=False)
    return pc.or_(pc.equal(side, ""), pc.equal(pc.equal(side, "outbound"), going_out))
