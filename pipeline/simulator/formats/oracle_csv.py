"""Oracle (Acme Packet) SBC, local CSV of release C6.4.0: STOP lines of 175 values (cdr-formats.md 2.1)."""

from collections.abc import Sequence

import numpy as np

from pipeline.simulator.calls import CODECS
from pipeline.simulator.formats import trunk_groups
from pipeline.simulator.formats.damage import open_quote
from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity, separated, zoned_stamp
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, every, leg_id
from schemas.outcomes import RejectReason

_DATE = " %Z %b %d %Y"
_VALUES = 175


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    """Parties are SIP URIs; the trunk stands in the first custom attribute."""
    answered, all_of_them = records.answered, every(records)
    return separated(
        _VALUES,
        {
            1: ["2"],
            2: [f'"{sbc.node}"'],
            4: [*identity(f'"{world.tag}-', records.call, '-0"')],
            5: [*identity(f'"{world.tag}-', records.call, '@sim"')],
            10: [trunk_groups.calling(records, world, "\"'LINE'<sip:", '@192.0.2.1:5060;user=phone>;tag=SD1"')],
            11: [trunk_groups.called(records, world, '"<sip:', '@192.0.2.2:5060;user=phone>"')],
            12: ["1"],
            13: [Whole(records.reported // 1_000)],
            14: ['"', *zoned_stamp(records.start, all_of_them, sbc.time_zone, _DATE), '"'],
            15: ['"', *zoned_stamp(records.answer, answered, sbc.time_zone, _DATE), '"'],
            16: ['"', *zoned_stamp(records.release, all_of_them, sbc.time_zone, _DATE), '"'],
            25: [coded('"', CODECS, records.codec, '"')],
            47: [coded("", [str(score) for score in range(451)], np.where(records.mos > 0, records.mos, -1))],
            49: [coded('"', CODECS, records.codec, '"')],
            118: ['"C6.4.0"'],
            122: ['"', trunk_groups.ingress(records, world), '"'],
            123: ['"', trunk_groups.egress(records, world), '"'],
            132: [coded("", ["1", "3"], answered.astype(np.int64))],
            133: [coded("", ["1", "2", "3"], records.releaser)],
            134: [coded("", [str(outcome.q850 or "") for outcome in OUTCOMES], records.outcome)],
            135: [coded("", [str(outcome.sip_status) for outcome in OUTCOMES], records.outcome)],
            140: [coded('"', [trunk.trunk_id for trunk in world.trunks], records.trunk, '"')],
            175: [Whole(records.sequence)],
        },
    )


WRITER = Writer(
    name="oracle_csv",
    suffix="csv",
    parts=parts,
    native_key=lambda records, world, at: (leg_id(records, world, at),),
    cut_off=(open_quote, RejectReason.BAD_QUOTE),
    reshape=lambda line: line + b",1,2",
    rename=lambda line: line.replace(b"LINE", b"=M\xfcller()", 1),
    quote=lambda line: line.replace(b"'LINE'", b'"LINE"', 1),
    has_sequence=True,
)
