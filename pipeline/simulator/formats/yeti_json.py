"""Yeti, writecdr as JSON: epochs with a fraction, one object for each call (cdr-formats.md 2.11)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.simulator.calls import Mask
from pipeline.simulator.formats import trunk_groups
from pipeline.simulator.formats.damage import as_one_text, cut_object
from pipeline.simulator.outcomes import OUTCOMES, REFUSED
from pipeline.simulator.parties import texts
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, coded, identity
from pipeline.simulator.traffic import Millis
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, every, leg_id
from schemas.outcomes import RejectReason

OPTIONS: Mapping[str, Any] = {
    "mapping": {
        "facts": {
            "id": "local_tag", "call_id": "orig_call_id", "start": "time_data.time_start",
            "answer": "time_data.time_connect", "end": "time_data.time_end", "calling": "src_prefix_in",
            "called": "dst_prefix_in", "asserted": "pai_in", "sip_status": "lega_disconnect_code",
            "native_cause": "lega_disconnect_reason", "attempt": "routing_attempt", "is_last": "is_last_cdr",
            "capacity": "failed_resource_type_id", "trunk": "customer_auth_name",
        },
        "time": "epoch_s",
    },
}  # fmt: skip
"""The shipped mapping, and the name of the customer's authentication as trunk."""
_MILLISECONDS = [f".{at:03d}" for at in range(1_000)]


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:  # noqa: ARG001 - every format has this signature
    """The last attempt of each call; numbers as they came in."""
    codes = [f',"lega_disconnect_code":{outcome.sip_status},"lega_disconnect_reason":"{outcome.name}"'
             for outcome in OUTCOMES]  # fmt: skip
    return [
        *identity(f'{{"local_tag":"{world.tag}-', records.call, "-0"),
        *identity(f'","orig_call_id":"{world.tag}-', records.call, '@sim","time_data":{"time_start":'),
        *_epoch(records.start, every(records)),
        coded("", [',"time_connect":null', ',"time_connect":'], records.answered.astype(np.int64)),
        *_epoch(records.answer, records.answered),
        ',"time_end":',
        *_epoch(records.release, every(records)),
        '},"routing_attempt":1,"is_last_cdr":true',
        trunk_groups.calling(records, world, ',"src_prefix_in":"', '"'),
        trunk_groups.called(records, world, ',"dst_prefix_in":"', '"'),
        coded(',"pai_in":"', texts(world.parties.table), records.asserted, '"'),
        coded(',"customer_auth_name":"', [trunk.trunk_id for trunk in world.trunks], records.trunk, '"'),
        coded("", ["", ',"failed_resource_type_id":1'], (records.outcome == REFUSED).astype(np.int64)),
        coded("", codes, records.outcome, "}\n"),
    ]


def _epoch(millis: Millis, known: Mask) -> list[Part]:
    """`1792000000.123`."""
    seconds, at = np.unique(millis // 1_000, return_inverse=True)
    return [
        coded("", [str(second) for second in seconds.tolist()], np.where(known, at, -1)),
        coded("", _MILLISECONDS, np.where(known, millis % 1_000, -1)),
    ]


WRITER = Writer(
    name="yeti_json",
    suffix="ndjson",
    parts=parts,
    native_key=lambda records, world, at: (leg_id(records, world, at), ""),
    cut_off=(cut_object, RejectReason.TRUNCATED),
    reshape=as_one_text,
    options=OPTIONS,
)
