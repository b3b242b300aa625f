"""DIDWW, streamed CDRs: one object for each call, two styles of times by direction (cdr-formats.md 2.12)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.simulator.calls import INBOUND, Mask
from pipeline.simulator.formats import trunk_groups
from pipeline.simulator.formats.damage import as_one_text, cut_object
from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity, local_stamp
from pipeline.simulator.traffic import Millis
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, every, leg_id
from schemas.outcomes import RejectReason

_MICROSECONDS = [f".{at:03d}000" for at in range(1_000)]
OPTIONS: Mapping[str, Any] = {
    "mapping": {
        "facts": {
            "id": "id", "call_id": "attributes.call_id", "start": "attributes.time_start",
            "answer": "attributes.time_connect", "end": "attributes.time_end", "billsec": "attributes.duration",
            "calling": "attributes.src_number", "called": ["attributes.did_number", "attributes.dst_number"],
            "sip_status": "attributes.disconnect_code", "native_cause": "attributes.disconnect_reason",
            "direction": "type", "trunk": "attributes.trunk_name",
        },
        "time": "iso_utc", "plus": True, "directions": {"inbound-cdr": "INBOUND", "outbound-cdr": "OUTBOUND"},
    },
}  # fmt: skip
"""The shipped mapping, and the trunk, which exports of one's own name."""


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:  # noqa: ARG001 - every format has this signature
    """Calls in have times without a zone, calls out have an offset; both are UTC."""
    numbers, inbound = trunk_groups.bare_numbers(world), records.direction == INBOUND
    codes = [f',"disconnect_code":{outcome.sip_status},"disconnect_reason":"{outcome.name}"' for outcome in OUTCOMES]
    return [
        coded('{"type":"', ["outbound-cdr", "inbound-cdr"], inbound.astype(np.int64)),
        *identity(f'","id":"{world.tag}-', records.call, "-0"),
        *identity(f'","attributes":{{"call_id":"{world.tag}-', records.call, '@sim"'),
        *_stamp(',"time_start":"', records.start, every(records), inbound),
        *_stamp(',"time_connect":"', records.answer, records.answered, inbound),
        *_stamp(',"time_end":"', records.release, every(records), inbound),
        ',"duration":',
        Whole((records.reported + 500) // 1_000),
        coded(',"src_number":"', numbers, records.calling, '"'),
        coded(',"did_number":"', numbers, np.where(inbound, records.called, -1), '"'),
        coded(',"dst_number":"', numbers, np.where(inbound, -1, records.called), '"'),
        coded(',"trunk_name":"', [trunk.trunk_id for trunk in world.trunks], records.trunk, '"'),
        coded(',"success":', ["false", "true"], records.answered.astype(np.int64)),
        coded("", codes, records.outcome, "}}\n"),
    ]


def _stamp(before: str, millis: Millis, known: Mask, inbound: Mask) -> list[Part]:
    return [
        *_of(before, " ", millis, known & inbound, '"'),
        *_of(before, "T", millis, known & ~inbound, '+00:00"'),
    ]


def _of(before: str, between: str, millis: Millis, known: Mask, after: str) -> list[Part]:
    date, second = local_stamp(before, millis, known, "UTC", between=between)[:2]
    return [date, second, coded("", _MICROSECONDS, np.where(known, millis % 1_000, -1), after)]


WRITER = Writer(
    name="didww_json",
    suffix="ndjson",
    parts=parts,
    native_key=lambda records, world, at: (leg_id(records, world, at), ""),
    cut_off=(cut_object, RejectReason.TRUNCATED),
    reshape=as_one_text,
    options=OPTIONS,
    prints_duration=True,
)
