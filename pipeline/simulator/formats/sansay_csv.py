"""Sansay VSXi V1.10: 60 values with semicolons, local stamps of whole seconds (cdr-formats.md 2.6)."""

from collections.abc import Sequence

import numpy as np

from pipeline.simulator.calls import CODECS, Mask
from pipeline.simulator.formats import trunk_groups
from pipeline.simulator.formats.damage import beginning
from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.records import ATTEMPT, Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity, local_date, local_time, separated
from pipeline.simulator.traffic import Millis
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, every, session_id
from schemas.outcomes import RejectReason

_ZONE, _MINUTES_WEST = "Etc/GMT+5", "300"
_VALUES = 60


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:  # noqa: ARG001 - every format has this signature
    """Final lines of hunts; the answer of an unanswered call is `NA`."""
    answered = records.answered
    return separated(
        _VALUES,
        {
            1: [Whole(records.sequence)],
            2: ["V1.10"],
            3: ["R"],
            4: ["WithMedia"],
            5: [*identity(f"{world.tag}-", records.call, "-0")],
            6: [coded("", ["02", "01"], answered.astype(np.int64))],
            7: _stamp(records.start, every(records)),
            8: [coded("", ["NA", ""], answered.astype(np.int64)), *_stamp(records.answer, answered)],
            9: _stamp(records.release, every(records)),
            10: [_MINUTES_WEST],
            12: [coded("", [str(outcome.sip_status) for outcome in OUTCOMES], records.outcome)],
            13: [coded("", ["O", "T", "N"], records.releaser)],
            14: [trunk_groups.ingress(records, world)],
            15: ["SIP"],
            16: [trunk_groups.calling(records, world)],
            18: [trunk_groups.called(records, world)],
            20: [*identity(f"{world.tag}-", records.call, "@sim")],
            25: [coded("", CODECS, records.codec)],
            33: [trunk_groups.egress(records, world)],
            44: [coded("", CODECS, records.codec)],
            52: [coded("", ["F", "I"], (records.record_type == ATTEMPT).astype(np.int64))],
            54: [Whole(records.reported // 1_000)],
            57: [Whole(records.reported)],
        },
        ";",
    )


def _stamp(millis: Millis, known: Mask) -> list[Part]:
    """`Mon Oct 05 08:34:56 2026`."""
    return [
        local_date(millis, known, _ZONE, "%a %b %d "),
        local_time(millis, known, _ZONE),
        local_date(millis, known, _ZONE, " %Y"),
    ]


WRITER = Writer(
    name="sansay_csv",
    suffix="csv",
    parts=parts,
    native_key=lambda records, world, at: (str(records.sequence[at]), session_id(records, world, at)),
    cut_off=(lambda line: beginning(line, b";"), RejectReason.TRUNCATED),
    reshape=lambda line: line + b";" * 30,
    resolution_ms=1_000,
    options=trunk_groups.OPTIONS,
    has_sequence=True,
    has_attempts=True,
    foreign=b"0;V1.10;A;" + b";" * 57,
    prints_duration=True,
)
