"""Oracle local CSV in columns: the fast twin of `oracle_csv.parse` for STARTs and STOPs."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.causes import q850_or_none
from pipeline.mediation.columns import Mask, Numbers, as_mask, same_in_all
from pipeline.mediation.csv_columns import Table, read_tables
from pipeline.mediation.feed import Feed
from pipeline.mediation.formats.oracle_csv import (
    ANSWERED,
    FIRST_ATTRIBUTE,
    INITIATORS,
    LATE_TEARDOWN,
    OracleOptions,
    fax_of_flow,
    host,
)
from pipeline.mediation.layouts import Layout, shipped_layouts
from pipeline.mediation.local_columns import Instants
from pipeline.mediation.plain import Drafts
from pipeline.mediation.side_columns import customer_sides
from pipeline.mediation.stamp_columns import zoned_instants
from pipeline.mediation.text_columns import (
    figures,
    is_blank,
    known_texts,
    losses,
    mapped,
    readable_where,
    whole_numbers,
)
from pipeline.mediation.values import mos_x100, r_factor, sip_status
from schemas.cdr import RecordType

_KINDS = ((RecordType.STOP, b"2,"), (RecordType.START, b"1,"))
_TIMES = {"started_at": "setup", "answered_at": "connect", "released_at": "disconnect"}
_MEDIA_STOPS = tuple(f"media_stop_{number}" for number in range(1, 5))
_NAMES = frozenset({
    *_TIMES.values(), *_MEDIA_STOPS, "trunk", "node", "session_id", "ingress_call_id", "egress_call_id", "calling",
    "called", "terminate_cause", "session_time", "egress_realm", "ingress_realm", "codec_in", "codec_out",
    "calling_lost", "calling_jitter", "calling_packets", "calling_r_factor", "calling_mos", "called_latency",
    "called_packets", "flow_type_2", "post_dial_delay", "ingress_trunk_group", "egress_trunk_group",
    "asserted_identity", "ingress_remote", "diversion", "disposition", "initiator", "cause", "status", "sequence",
})  # fmt: skip
_MICROSECOND = timedelta(microseconds=1)
_DISPOSITIONS = pa.array(["1", "2", ANSWERED])


def read_columns(values: Sequence[bytes], feed: Feed[OracleOptions]) -> Iterator[tuple[Numbers, Drafts]]:
    """Yield groups of lines with their positions; lines that are in no group are for the specification."""
    for record_type, beginning in _KINDS:
        at = np.array([place for place, value in enumerate(values) if value.startswith(beginning)], np.int64)
        layouts = [
            _with_trunk(layout, feed.options)
            for layout in (*feed.options.layouts, *shipped_layouts("oracle_csv"))
            if layout.record == record_type
        ]
        for table in read_tables(values, at, layouts, _NAMES) if len(at) else ():
            yield table.positions, _drafts(table, record_type, feed)


def _with_trunk(layout: Layout, options: OracleOptions) -> Layout:
    """The layout with the place of the custom attribute that names the trunk."""
    first = layout.positions.get("first_custom")
    if first is None or options.trunk_attribute is None:
        return layout
    trunk = first + options.trunk_attribute - FIRST_ATTRIBUTE
    return layout.model_copy(update={"positions": {**layout.positions, "trunk": trunk}})


def _drafts(table: Table, record_type: RecordType, feed: Feed[OracleOptions]) -> Drafts:
    row, count = table.values, len(table.positions)
    same = partial(same_in_all, count=count)
    times = {name: zoned_instants(row[column], feed.zone) for name, column in _TIMES.items()}
    sequence, has_sequence = whole_numbers(row["sequence"])
    cause, has_cause = whole_numbers(row["cause"])
    spoken, has_time = whole_numbers(row["session_time"])
    sides = customer_sides(
        feed.options,
        (row["ingress_trunk_group"], row["ingress_realm"]),
        (row["egress_trunk_group"], row["egress_realm"]),
    )
    factor = 1_000 if feed.options.session_time_unit == "s" else 1
    columns = {
        "record_type": same(record_type, pa.string()),
        "is_billed_leg": same(value=True, data_type=pa.bool_()),
        "record_seq": sequence,
        "source_node": known_texts(row["node"]).fill_null(pa.scalar(feed.source.node, pa.string())),
        "leg_id": row["session_id"],
        "claimed_trunk_id": pc.coalesce(known_texts(row["trunk"]), sides.trunk_id),
        "direction": sides.direction,
        "src_tz": same(str(feed.zone), pa.string()),
        "tz_source": same("explicit", pa.string()),
        "reported_ms": pc.multiply(spoken, factor),
        "duration_basis": pc.if_else(pc.is_valid(spoken), "answer", pa.scalar(None, pa.string())),
        "q850": mapped(cause.cast(pa.string()), lambda text: q850_or_none(int(text)), pa.int32()),
        "sip_status": mapped(row["status"], sip_status, pa.int32()),
        "native_cause": known_texts(row["terminate_cause"]),
        "release_party": mapped(row["initiator"], INITIATORS.get, pa.string()),
        **_parties(row),
        **_media(row),
        **{name: instants.column for name, instants in times.items()},
    }
    plain = [instants.decided for instants in times.values()]
    readable = readable_where(
        count, ~is_blank(row["session_id"]), has_sequence, has_cause, has_time, *plain,
        _agrees(row["disposition"], times["answered_at"]), _ends_in_time(row, times["released_at"], feed),
    )  # fmt: skip
    calls = pc.coalesce(columns["ingress_call_id"], row["session_id"])
    return Drafts(columns, [row["session_id"]], calls, readable, table.raw)


def _agrees(disposition: pa.Array, answered: Instants) -> Mask:
    """No remark on the disposition."""
    tells = as_mask(pc.is_in(disposition, _DISPOSITIONS))
    agrees: Mask = ~tells | (as_mask(answered.column.is_valid()) == as_mask(pc.equal(disposition, ANSWERED)))
    return agrees


def _ends_in_time(row: dict[str, pa.Array], released: Instants, feed: Feed[OracleOptions]) -> Mask:
    """No remark on a media stop that is long before the disconnect."""
    stops = [zoned_instants(row[name], feed.zone) for name in _MEDIA_STOPS]
    last = pc.max_element_wise(*(stop.column.cast(pa.int64()) for stop in stops))
    late = pc.greater(pc.subtract(released.column.cast(pa.int64()), last), LATE_TEARDOWN // _MICROSECOND)
    in_time = ~as_mask(pc.fill_null(late, fill_value=False))
    return readable_where(len(in_time), in_time, *(stop.decided for stop in stops))


def _parties(row: dict[str, pa.Array]) -> dict[str, pa.Array]:
    egress = known_texts(row["egress_trunk_group"])
    return {
        "calling_raw": known_texts(row["calling"]),
        "called_raw": known_texts(row["called"]),
        "pai_raw": known_texts(row["asserted_identity"]),
        "diversion_raw": known_texts(row["diversion"]),
        "ingress_call_id": known_texts(row["ingress_call_id"]),
        "egress_call_id": known_texts(row["egress_call_id"]),
        "ingress_trunk_group": known_texts(row["ingress_trunk_group"]),
        "egress_trunk_group": egress,
        "carrier_id": egress,
        "source_ip": mapped(row["ingress_remote"], host, pa.string()),
        "pdd_ms": figures(row["post_dial_delay"]),
    }


def _media(row: dict[str, pa.Array]) -> dict[str, pa.Array]:
    packets = figures(row["calling_packets"])
    fax = (mapped(row[name], fax_of_flow, pa.string()) for name in ("codec_in", "flow_type_2"))
    return {
        "codec_in": known_texts(row["codec_in"]),
        "codec_out": known_texts(row["codec_out"]),
        "fax": pc.coalesce(*fax),
        "mos_x100": mapped(row["calling_mos"], mos_x100, pa.int32()),
        "r_factor": mapped(row["calling_r_factor"], r_factor, pa.int32()),
        "loss_pct_x100": losses(figures(row["calling_lost"]), packets).cast(pa.int32()),
        "jitter_ms": figures(row["calling_jitter"]).cast(pa.int32()),
        "rtt_ms": figures(row["called_latency"]).cast(pa.int32()),
        "packets_in": packets,
        "packets_out": figures(row["called_packets"]),
    }
