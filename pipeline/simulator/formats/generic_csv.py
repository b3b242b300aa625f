"""CSV of an operator's own system, read by a mapping that the source brings along."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.simulator.calls import INBOUND
from pipeline.simulator.formats import trunk_groups
from pipeline.simulator.formats.damage import open_quote
from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, leg_id
from schemas.outcomes import RejectReason

_COLUMNS = ("leg", "call", "setup_ms", "answer_ms", "release_ms", "talk_ms", "a", "b", "status", "trunk", "way")
OPTIONS: Mapping[str, Any] = {
    "separator": ";", "columns": list(_COLUMNS),
    "mapping": {
        "facts": {
            "id": "leg", "call_id": "call", "start": "setup_ms", "answer": "answer_ms", "end": "release_ms",
            "billsec": "talk_ms", "calling": "a", "called": "b", "sip_status": "status", "trunk": "trunk",
            "direction": "way",
        },
        "time": "epoch_ms", "duration_unit": "ms", "directions": {"in": "INBOUND", "out": "OUTBOUND"},
    },
}  # fmt: skip


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:  # noqa: ARG001 - every format has this signature
    """Epochs in milliseconds; the answer of an unanswered call is 0."""
    return [
        *identity(f'"{world.tag}-', records.call, '-0";'),
        *identity(f'"{world.tag}-', records.call, '@sim";'),
        Whole(records.start),
        ";",
        Whole(np.where(records.answered, records.answer, 0)),
        ";",
        Whole(records.release),
        ";",
        Whole(records.reported),
        trunk_groups.calling(records, world, ';"', '"'),
        trunk_groups.called(records, world, ';"', '"'),
        coded(";", [str(outcome.sip_status) for outcome in OUTCOMES], records.outcome),
        coded(";", [trunk.trunk_id for trunk in world.trunks], records.trunk),
        coded(";", ["out", "in"], (records.direction == INBOUND).astype(np.int64), "\n"),
    ]


WRITER = Writer(
    name="generic_csv",
    suffix="csv",
    parts=parts,
    native_key=lambda records, world, at: (leg_id(records, world, at), ""),
    cut_off=(lambda line: open_quote(line.replace(b";", b",")).replace(b",", b";"), RejectReason.BAD_QUOTE),
    reshape=lambda line: line + b";1;2",
    options=OPTIONS,
    foreign=";".join(_COLUMNS).encode(),
    prints_duration=True,
)
