"""Ribbon ACT in columns: the fast twin of `ribbon_act.parse`."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.causes import q850_or_none
from pipeline.mediation.columns import Mask, Numbers, as_mask, same_in_all
from pipeline.mediation.csv_columns import Table, read_tables
from pipeline.mediation.draft import Unreadable
from pipeline.mediation.feed import Feed
from pipeline.mediation.formats.ribbon_act import RECORDS, RibbonOptions, contradicts, zone_of
from pipeline.mediation.layouts import shipped_layouts
from pipeline.mediation.local_columns import Instants, LocalStamps, offsets_in_zone, shifted
from pipeline.mediation.plain import Drafts
from pipeline.mediation.side_columns import customer_sides
from pipeline.mediation.text_columns import (
    NO_TEXT,
    figures,
    is_blank,
    known_texts,
    losses,
    mapped,
    readable_where,
    whole_numbers,
)
from pipeline.mediation.values import sip_status
from schemas.cdr import INSTANT, RecordType

_NAMES = frozenset({
    "node", "accounting_id", "zone", "start_date", "start_time", "ticks_to_alerting", "ticks_to_service",
    "release_date", "release_time", "service_ticks", "cause", "calling", "called", "route_attempt",
    "ingress_trunk_group", "packets_out", "packets_in", "ingress_data", "dialled", "lost", "jitter", "latency",
    "egress_trunk_group", "egress_data", "ingress_codec", "egress_codec", "ingress_remote", "sequence",
    "ingress_srtp", "status", "final",
})  # fmt: skip
_AMERICAN = r"^([01][0-9])/([0-3][0-9])/([12][0-9]{3}) ([0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{1,6})$"
_CALL_ID, _RELEASED_BY = r"^[^,]*,(?P<value>[^,]*)", r"^(?:[^,]*,){18}(?P<value>[^,]*)"
_TICK_US = 10_000
_YEAR_US = 31_556_952_000_000


def read_columns(values: Sequence[bytes], feed: Feed[RibbonOptions]) -> Iterator[tuple[Numbers, Drafts]]:
    """Yield groups of lines with their positions; lines that are in no group are for the specification."""
    for kind, record_type in RECORDS.items():
        beginning = f"{kind},".encode()
        at = np.array([place for place, value in enumerate(values) if value.startswith(beginning)], np.int64)
        record = "STOP" if kind == "INTERMEDIATE" else kind
        layouts = [layout for layout in shipped_layouts("ribbon_act") if layout.record == record]
        for table in read_tables(values, at, layouts, _NAMES) if len(at) else ():
            yield table.positions, _drafts(table, record_type, feed)


def _drafts(table: Table, record_type: RecordType, feed: Feed[RibbonOptions]) -> Drafts:
    row, count = table.values, len(table.positions)
    same = partial(same_in_all, count=count)
    times = _times(row, record_type, feed)
    sequence, has_sequence = whole_numbers(row["sequence"])
    cause, has_cause = whole_numbers(row["cause"])
    sides = customer_sides(feed.options, [row["ingress_trunk_group"]], [row["egress_trunk_group"]])
    node = known_texts(row["node"]).fill_null(pa.scalar(feed.source.node, pa.string()))
    call_id = known_texts(_inner(row["ingress_data"], _CALL_ID))
    status = mapped(row["status"], sip_status, pa.int32())
    columns = {
        "record_type": same(record_type, pa.string()),
        "is_billed_leg": same(value=True, data_type=pa.bool_()),
        "record_seq": sequence,
        "source_node": node,
        "leg_id": row["accounting_id"],
        "route_attempt": figures(row["route_attempt"]).cast(pa.int32()),
        "is_final_attempt": mapped(known_texts(row["final"]), lambda text: text != "0", pa.bool_()),
        "ingress_call_id": call_id,
        "egress_call_id": known_texts(_inner(row["egress_data"], _CALL_ID)),
        "direction": sides.direction,
        "claimed_trunk_id": sides.trunk_id,
        "calling_raw": known_texts(row["calling"]),
        "called_raw": pc.coalesce(known_texts(row["dialled"]), known_texts(row["called"])),
        "ingress_trunk_group": known_texts(row["ingress_trunk_group"]),
        "egress_trunk_group": known_texts(row["egress_trunk_group"]),
        "carrier_id": known_texts(row["egress_trunk_group"]),
        "source_ip": known_texts(row["ingress_remote"]),
        "sip_status": pc.coalesce(status, mapped(_inner(row["ingress_data"], _RELEASED_BY), sip_status, pa.int32())),
        "q850": mapped(cause.cast(pa.string()), lambda text: q850_or_none(int(text)), pa.int32()),
        "native_cause": known_texts(row["cause"]),
        "src_tz": row["zone"],
        "tz_source": same("explicit", pa.string()),
        **times.columns,
        **_media(row),
    }
    named = as_mask(node.is_valid())
    readable = readable_where(
        count, ~is_blank(row["accounting_id"]), has_sequence, has_cause, times.readable, named
    )  # fmt: skip
    calls = pc.coalesce(call_id, pc.binary_join_element_wise(node, row["accounting_id"], "/"), row["accounting_id"])
    return Drafts(columns, [row["accounting_id"], row["sequence"]], calls, readable, table.raw)


def _inner(data: pa.Array, pattern: str) -> pa.Array:
    """A value of the protocol data, with `%22` for a quote; empty where there is none."""
    found = pc.struct_field(pc.extract_regex(data, pattern), "value").fill_null("")
    return pc.replace_substring(found, "%22", '"')


class _Times(NamedTuple):
    columns: dict[str, pa.Array]
    readable: Mask


def _times(row: dict[str, pa.Array], record_type: RecordType, feed: Feed[RibbonOptions]) -> _Times:
    started, printed = (_stamps(row[f"{name}_date"], row[f"{name}_time"]) for name in ("start", "release"))
    begin, end = _placed(started, row["zone"], feed), _placed(printed, row["zone"], feed)
    to_service, has_service = whole_numbers(row["ticks_to_service"])
    of_service, has_duration = whole_numbers(row["service_ticks"])
    alerting, has_alerting = whole_numbers(row["ticks_to_alerting"])
    readable = started.known & begin.decided & end.decided & has_service & has_duration & has_alerting
    columns = {"started_at": begin.column, "released_at": end.column}
    if record_type is RecordType.ATTEMPT:
        return _Times(columns, readable)
    start = begin.column.cast(pa.int64())
    answered = pc.add(start, pc.multiply(to_service, _TICK_US))
    alerted = pc.add(start, pc.multiply(pc.if_else(pc.equal(alerting, 0), None, alerting), _TICK_US))
    released = pc.add(answered, pc.multiply(of_service, _TICK_US))
    in_service = pc.is_valid(released)
    ended = pc.coalesce(released.cast(INSTANT), end.column)
    return _Times(
        {
            "started_at": begin.column,
            "answered_at": answered.cast(INSTANT),
            "alerted_at": pc.if_else(pc.is_valid(answered), alerted, None).cast(INSTANT),
            "released_at": pa.nulls(len(start), INSTANT) if record_type is RecordType.INTERIM else ended,
            "reported_ms": pc.if_else(in_service, pc.multiply(of_service, 10), None),
            "duration_basis": pc.if_else(in_service, "answer", NO_TEXT),
        },
        readable,
    )


def _stamps(dates: pa.Array, times: pa.Array) -> LocalStamps:
    """`02/22/2013` and `17:02:12.5`; none where one of the two is missing."""
    joined = pc.binary_join_element_wise(dates, times, " ")
    missing = pc.or_(pc.equal(dates, ""), pc.equal(times, ""))
    american = pc.match_substring_regex(joined, _AMERICAN)
    iso = pc.replace_substring_regex(joined, _AMERICAN, r"\3-\1-\2 \4")
    return LocalStamps.of(pc.if_else(missing, "", pc.if_else(american, iso, "unreadable")), fractions=True)


def _placed(stamps: LocalStamps, zones: pa.Array, feed: Feed[RibbonOptions]) -> Instants:
    """The instants by the zone of each line; nearly always it is one."""
    offsets, decided = np.zeros(len(zones), np.int64), np.zeros(len(zones), bool)
    years = _years_about(stamps)
    for name in pc.unique(zones).to_pylist():
        zone = _zone_or_none(name, years, feed)
        rows = as_mask(pc.equal(zones, name))
        if zone is not None:
            found, known = offsets_in_zone(stamps, zone)
            offsets, decided = np.where(rows, found, offsets), np.where(rows, known, decided)
    return Instants(shifted(stamps, offsets, decided).column, stamps.readable & decided)


def _years_about(stamps: LocalStamps) -> range:
    """The years of the stamps, and one more on each side."""
    known = stamps.micros[stamps.known]
    first, last = (int(micros // _YEAR_US) for micros in (known.min(), known.max())) if len(known) else (0, 0)
    return range(1970 + first - 1, 1970 + last + 2)


def _zone_or_none(name: str, years: Iterable[int], feed: Feed[RibbonOptions]) -> tzinfo | None:
    try:
        zone = zone_of(name, feed)
        return None if any(contradicts(zone, name, year) for year in years) else zone
    except (Unreadable, ValueError):
        return None


def _media(row: dict[str, pa.Array]) -> dict[str, pa.Array]:
    received = figures(row["packets_in"])
    return {
        "codec_in": known_texts(row["ingress_codec"]),
        "codec_out": known_texts(row["egress_codec"]),
        "packets_in": received,
        "packets_out": figures(row["packets_out"]),
        "loss_pct_x100": losses(figures(row["lost"]), received).cast(pa.int32()),
        "jitter_ms": figures(row["jitter"]).cast(pa.int32()),
        "rtt_ms": figures(row["latency"]).cast(pa.int32()),
        "srtp": mapped(known_texts(row["ingress_srtp"]), lambda text: text == "1", pa.bool_()),
    }
