"""Cisco CUBE, file accounting: the leg that faces the customer, 130 values (cdr-formats.md 2.4)."""

from collections.abc import Sequence

import numpy as np

from pipeline.simulator.calls import CODECS, INBOUND
from pipeline.simulator.formats import trunk_groups
from pipeline.simulator.formats.damage import open_quote, three_values
from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity, separated, zoned_stamp
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, call_id, every, leg_id
from schemas.outcomes import RejectReason

_DATE = " %Z %a %b %d %Y"
_VALUES = 130


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    """The answering leg of a call out, the originating leg of a call in; causes are hexadecimal."""
    all_of_them = every(records)
    return separated(
        _VALUES,
        {
            1: [Whole(records.release // 1_000)],
            2: [*identity(f'"{world.tag}-', records.call, '-0"')],
            3: ["0"],
            4: ["2"],
            5: [*identity(f'"{world.tag}-', records.call, '@sim"')],
            8: ['"', *zoned_stamp(records.start, all_of_them, sbc.time_zone, _DATE), '"'],
            10: ['"', *zoned_stamp(records.answer, records.answered, sbc.time_zone, _DATE), '"'],
            11: ['"', *zoned_stamp(records.release, all_of_them, sbc.time_zone, _DATE), '"'],
            12: [coded('"', [f"{outcome.q850 or 127:X}" for outcome in OUTCOMES], records.outcome, '"')],
            14: [coded("", ["1", "2"], (records.direction == INBOUND).astype(np.int64))],
            22: [trunk_groups.calling(records, world, '"', '"')],
            23: [trunk_groups.called(records, world, '"', '"')],
            35: [coded('"', CODECS, records.codec, '"')],
            82: ['"', trunk_groups.egress(records, world), '"'],
            85: ['"', trunk_groups.ingress(records, world), '"'],
        },
    )


def _native_key(records: Records, world: World, at: int) -> tuple[str, ...]:
    origin = "2" if records.direction[at] == INBOUND else "1"
    return (leg_id(records, world, at), call_id(records, world, at), "2", origin, "")


WRITER = Writer(
    name="cube_csv",
    suffix="csv",
    parts=parts,
    native_key=_native_key,
    cut_off=(open_quote, RejectReason.BAD_QUOTE),
    reshape=three_values,
    options=trunk_groups.OPTIONS,
)
