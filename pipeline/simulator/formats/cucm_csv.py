"""Cisco CUCM: call detail records of 133 values, and management records with media figures (cdr-formats.md 2.5)."""

from collections.abc import Sequence

import numpy as np

from pipeline.simulator.formats import trunk_groups
from pipeline.simulator.formats.damage import open_quote, three_values
from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.records import MEDIA, Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity, separated
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, leg_id, misprinted_ms
from schemas.outcomes import RejectReason

_VALUES, _MEDIA_VALUES = 133, 19
_NAMES = b'"cdrRecordType","globalCallID_callManagerId","globalCallID_callId","origLegCallIdentifier"'
_PACKETS_A_SECOND = 50


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    """Epoch seconds; the side that released the call has the cause; devices are trunks."""
    if len(records.call) and (records.record_type == MEDIA).all():
        return _media(records, world, sbc)
    start, answer, release = (millis // 1_000 for millis in (records.start, records.answer, records.release))
    causes = [str(outcome.q850 or 0) for outcome in OUTCOMES]
    by_callee = (records.releaser == 1) & records.answered
    return separated(
        _VALUES,
        {
            1: ["1"],
            2: [str(int(world.tag, 16))],
            3: [Whole(records.call)],
            4: [Whole(records.call * 2)],
            5: [Whole(start)],
            8: ["0"],
            9: [trunk_groups.calling(records, world, '"', '"')],
            12: [coded("", ["0", *causes], np.where(by_callee, 0, records.outcome + 1))],
            26: [Whole(records.call * 2 + 1)],
            30: [trunk_groups.called(records, world, '"', '"')],
            31: [trunk_groups.called(records, world, '"', '"')],
            34: [coded("", ["0", *causes], np.where(by_callee, records.outcome + 1, 0))],
            48: [Whole(np.where(records.answered, answer, 0))],
            49: [Whole(release)],
            51: [*identity(f'"{world.tag}-', records.call, '-0"')],
            56: [Whole(np.where(records.answered, release - answer, 0) + misprinted_ms(records) // 1_000)],
            57: ['"', trunk_groups.ingress(records, world), '"'],
            58: ['"', trunk_groups.egress(records, world), '"'],
            66: [f'"{sbc.node}"'],
        },
    )


def _media(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    """The figures of the caller's leg."""
    packets = (records.release - records.answer) * _PACKETS_A_SECOND // 1_000
    scores = [f'"MLQK={score / 100:.4f};MLQKav=4.1000"' for score in range(451)]
    return separated(
        _MEDIA_VALUES,
        {
            1: ["2"],
            2: [str(int(world.tag, 16))],
            3: [Whole(records.call)],
            4: ["1"],
            6: [Whole(records.call * 2)],
            7: [Whole(records.release // 1_000)],
            8: [Whole(packets)],
            10: [Whole(packets)],
            12: ["0"],
            13: ["4"],
            14: ["25"],
            15: [*identity(f'"{world.tag}-', records.call, '-m"')],
            17: [f'"{sbc.node}"'],
            19: [coded("", scores, np.where(records.mos > 0, records.mos, -1))],
        },
    )


def _native_key(records: Records, world: World, at: int) -> tuple[str, ...]:
    if records.record_type[at] == MEDIA:
        return (f"{world.tag}-{records.call[at]:08d}-m",)
    return (leg_id(records, world, at),)


WRITER = Writer(
    name="cucm_csv",
    suffix="txt",
    parts=parts,
    native_key=_native_key,
    cut_off=(open_quote, RejectReason.BAD_QUOTE),
    reshape=three_values,
    resolution_ms=1_000,
    options=trunk_groups.OPTIONS,
    groups=lambda records: (records.record_type == MEDIA).astype(np.int64),
    call=lambda records, world, at: None,  # noqa: ARG005 - joined by its own global call id
    foreign=_NAMES,
    cannot=frozenset({"F2"}),
    prints_duration=True,
)
