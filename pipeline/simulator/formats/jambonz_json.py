"""jambonz: one object for each call, epochs in milliseconds (cdr-formats.md 2.10)."""

from collections.abc import Sequence

import numpy as np

from pipeline.simulator.formats import trunk_groups
from pipeline.simulator.formats.damage import as_one_text, cut_object
from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, leg_id
from schemas.outcomes import RejectReason


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    """An unanswered call has 0 as its answer time."""
    codes = [f',"sip_status":{outcome.sip_status},"termination_reason":"{outcome.name}"' for outcome in OUTCOMES]
    return [
        *identity(f'{{"call_sid":"{world.tag}-', records.call, "-0"),
        *identity(f'","sip_callid":"{world.tag}-', records.call, '@sim"'),
        trunk_groups.calling(records, world, ',"from":"', '"'),
        trunk_groups.called(records, world, ',"to":"', '"'),
        coded(',"answered":', ["false", "true"], records.answered.astype(np.int64)),
        ',"attempted_at":',
        Whole(records.start),
        ',"answered_at":',
        Whole(np.where(records.answered, records.answer, 0)),
        ',"terminated_at":',
        Whole(records.release),
        ',"duration":',
        Whole(records.reported // 1_000),
        coded("", codes, records.outcome),
        coded(',"trunk":"', [trunk.trunk_id for trunk in world.trunks], records.trunk, '"'),
        f',"host":"{sbc.node}"}}\n',
    ]


WRITER = Writer(
    name="jambonz_json",
    suffix="ndjson",
    parts=parts,
    native_key=lambda records, world, at: (leg_id(records, world, at), ""),
    cut_off=(cut_object, RejectReason.TRUNCATED),
    reshape=as_one_text,
    prints_duration=True,
)
