"""AudioCodes Mediant syslog: lines of the leg that faces the customer (cdr-formats.md 2.3)."""

from collections.abc import Sequence

import numpy as np

from pipeline.simulator.calls import INBOUND
from pipeline.simulator.formats import trunk_groups
from pipeline.simulator.formats.damage import beginning
from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.records import INTERIM, START, STOP, Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity, separated, zoned_stamp
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, call_id, every
from schemas.outcomes import RejectReason

_DATE = "  %Z %a %b %d %Y"
_COLUMNS = 39
_KINDS = ("CALL_END ", "CALL_START ", "CALL_CONNECT ")


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    """A call from the customer has its remote end there; columns are padded by a blank."""
    answered, all_of_them = records.answered, every(records)
    reasons = [f"{'BYE' if outcome.name == 'answered' else outcome.sip_status} " for outcome in OUTCOMES]
    return separated(
        _COLUMNS,
        {
            1: ["[S=", Whole(records.sequence), "] |", coded("", _KINDS, np.minimum(records.record_type, INTERIM))],
            2: ["SBC "],
            3: [*identity(f"{world.tag}-", records.call, "@sim ")],
            4: ["0 "],
            5: [coded("", ["RMT ", "LCL "], (records.direction == INBOUND).astype(np.int64))],
            10: [coded("", ["UDP ", "TLS "], records.secure.astype(np.int64))],
            11: [trunk_groups.calling(records, world, "", "@192.0.2.1 ")],
            12: [trunk_groups.calling(records, world, "", "@192.0.2.1 ")],
            13: [trunk_groups.called(records, world, "", "@192.0.2.2 ")],
            14: [trunk_groups.called(records, world, "", "@192.0.2.2 ")],
            15: [Whole((records.reported + 500) // 1_000)],
            16: [coded("", ["RMT", "LCL", "UNKN"], records.releaser)],
            17: ["GWAPP_NORMAL_CALL_CLEAR"],
            18: [coded("", ["NO_ANSWER", "NORMAL_CALL_CLEAR"], answered.astype(np.int64))],
            19: zoned_stamp(records.start, all_of_them, sbc.time_zone, _DATE),
            20: zoned_stamp(records.answer, answered & (records.record_type != START), sbc.time_zone, _DATE),
            21: zoned_stamp(records.release, records.record_type == STOP, sbc.time_zone, _DATE),
            26: [trunk_groups.customer(records, world)],
            33: [coded("", reasons, records.outcome)],
            38: [Whole(records.leg + 1)],
        },
        "|",
    )


def _native_key(records: Records, world: World, at: int) -> tuple[str, ...]:
    return (call_id(records, world, at), "0", str(records.leg[at] + 1))


WRITER = Writer(
    name="audiocodes",
    suffix="log",
    parts=parts,
    native_key=_native_key,
    cut_off=(lambda line: beginning(line, b"|"), RejectReason.UNKNOWN_LAYOUT),
    reshape=lambda line: line + b"|one|more",
    options=trunk_groups.OPTIONS,
    has_sequence=True,
    has_parts=True,
    foreign=b"[S=1] [SID=d31f02:17:4411] (N 1) Resource SIPMessage deleted",
    prints_duration=True,
)
