"""JSON lines of an operator's own system, read by a mapping that the source brings along."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.simulator.calls import INBOUND
from pipeline.simulator.formats import trunk_groups
from pipeline.simulator.formats.damage import as_one_text, cut_object
from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity, iso_instant
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, every, leg_id
from schemas.outcomes import RejectReason

OPTIONS: Mapping[str, Any] = {
    "mapping": {
        "facts": {
            "id": "leg", "call_id": "call", "start": "times.setup", "answer": "times.answer", "end": "times.release",
            "billsec": "seconds", "calling": "a", "called": "b", "sip_status": "status", "trunk": "trunk",
            "direction": "way",
        },
        "time": "iso", "directions": {"in": "INBOUND", "out": "OUTBOUND"},
    },
}  # fmt: skip


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:  # noqa: ARG001 - every format has this signature
    """An object with the times in an object of its own."""
    return [
        *identity(f'{{"leg":"{world.tag}-', records.call, "-0"),
        *identity(f'","call":"{world.tag}-', records.call, '@sim","times":{'),
        *iso_instant('"setup":"', records.start, every(records)),
        *iso_instant(',"answer":"', records.answer, records.answered),
        *iso_instant(',"release":"', records.release, every(records)),
        '},"seconds":',
        Whole((records.reported + 500) // 1_000),
        trunk_groups.calling(records, world, ',"a":"', '"'),
        trunk_groups.called(records, world, ',"b":"', '"'),
        coded(',"status":', [str(outcome.sip_status) for outcome in OUTCOMES], records.outcome),
        coded(',"trunk":"', [trunk.trunk_id for trunk in world.trunks], records.trunk, '"'),
        coded(',"way":"', ["out", "in"], (records.direction == INBOUND).astype(np.int64), '"}\n'),
    ]


WRITER = Writer(
    name="generic_json",
    suffix="ndjson",
    parts=parts,
    native_key=lambda records, world, at: (leg_id(records, world, at), ""),
    cut_off=(cut_object, RejectReason.TRUNCATED),
    reshape=as_one_text,
    options=OPTIONS,
    prints_duration=True,
)
