"""Ribbon (Sonus) SBC core, ACT files: lines of four kinds, ticks of 10 ms, stamps of tenths (cdr-formats.md 2.2)."""

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.simulator.formats import trunk_groups
from pipeline.simulator.formats.damage import open_quote, three_values
from pipeline.simulator.local_hours import Clarity, clarity_by_order, clarity_of_stamps
from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.parties import Positions
from pipeline.simulator.records import ATTEMPT, INTERIM, START, Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity, local_date, local_time, separated
from pipeline.simulator.traffic import Millis
from pipeline.simulator.world import World
from pipeline.simulator.writing import NODE, Times, Writer, every
from schemas.cdr import RecordType
from schemas.outcomes import RejectReason

_TICK_MS = 10
_STAMP_MS = 100
_NAME = "GMT-05:00-Eastern(US)"
_FIXED, _WITH_DAYLIGHT_SAVING = "Etc/GMT+5", "America/New_York"
"""What the name stands for: the node's clock observes daylight saving or not, which is a setting (`observes_dst`)."""
_KINDS = ("ATTEMPT", "STOP", "START", "INTERMEDIATE")
_VALUES = (186, 223, 172, 223)
_PLACES = ((17, 18, 31, 45, 53, 58, 117), (20, 21, 34, 52, 60, 68, 127), (15, 16, 29, 42, 50, 54, 104),
           (20, 21, 34, 52, 60, 68, 127))  # fmt: skip
"""Of caller, called number, ingress group, protocol data, dialled number, egress group and sequence, by kind."""
_RESTART = tuple(f"{kind},{NODE},0x0000000000000000,1,{_NAME}".encode() for kind in ("SWITCHOVER", "REBOOT"))


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    """Answered calls are STOP lines, or START and INTERMEDIATE ones; all others ATTEMPT. `groups` tells them apart."""
    kind, clock = int(_groups(records)[:1].sum()), _clock(sbc)
    fields = _FIELDS[kind](records, clock)
    calling, called, ingress, protocol, dialled, egress, sequence = _PLACES[kind]
    return separated(
        _VALUES[kind],
        {
            1: [_KINDS[kind]],
            2: [sbc.node],
            3: [*identity(f"0x{world.tag}", records.call)],
            5: [_NAME],
            6: [local_date(records.start, every(records), clock, "%m/%d/%Y")],
            7: _tenths(records.start, clock),
            calling: [trunk_groups.calling(records, world)],
            called: [trunk_groups.called(records, world)],
            ingress: [trunk_groups.ingress(records, world)],
            protocol: [*identity(f'"SIP,{world.tag}-', records.call, '@sim,,,,,,,,,,,,,,,,,BYE"')],
            dialled: [trunk_groups.called(records, world)],
            egress: [trunk_groups.egress(records, world)],
            sequence: [Whole(records.sequence)],
            **fields,
        },
    )


_TYPES = (RecordType.ATTEMPT, RecordType.STOP, RecordType.START, RecordType.INTERIM)


def _clock(sbc: Sbc) -> str:
    return _WITH_DAYLIGHT_SAVING if sbc.options.get("observes_dst") else _FIXED


def _unclear(records: Records, clock: str) -> Clarity:
    """The ticks of a STOP tell its duration; an ATTEMPT has none."""
    stops = clarity_of_stamps(records, clock, ("start", "release"))
    return np.where(records.answered, stops, clarity_by_order(records, clock))


def _stop(records: Records, clock: str) -> Mapping[int, Sequence[Part]]:
    return {
        10: [Whole((records.answer - records.start) // _TICK_MS)],
        11: [local_date(records.release, every(records), clock, "%m/%d/%Y")],
        12: _tenths(records.release, clock),
        14: [Whole((records.release - records.answer) // _TICK_MS)],
        15: ["16"],
    }


def _start(records: Records, clock: str) -> Mapping[int, Sequence[Part]]:  # noqa: ARG001 - as its fellows
    return {10: [Whole((records.answer - records.start) // _TICK_MS)]}


def _intermediate(records: Records, clock: str) -> Mapping[int, Sequence[Part]]:
    """The ticks of service so far."""
    return {**_start(records, clock), 14: [Whole(records.reported // _TICK_MS)]}


def _attempt(records: Records, clock: str) -> Mapping[int, Sequence[Part]]:
    return {
        10: _tenths(records.release, clock),
        12: [coded("", [str(outcome.q850 or 0) for outcome in OUTCOMES], records.outcome)],
        105: [local_date(records.release, every(records), clock, "%m/%d/%Y")],
        111: [coded("", [str(outcome.sip_status) for outcome in OUTCOMES], records.outcome)],
        146: [coded("", ["1", "0"], (records.record_type == ATTEMPT).astype(np.int64))],
    }


def _tenths(millis: Millis, clock: str) -> Sequence[Part]:
    known = np.ones(len(millis), bool)
    return [local_time(millis, known, clock), coded(".", list("0123456789"), millis % 1_000 // _STAMP_MS)]


def _times(records: Records, _: int) -> Times:
    """The start to a tenth; answer and release by the ticks from it, the release of an attempt to a tenth."""
    start = records.start // _STAMP_MS * _STAMP_MS
    answer = start + (records.answer - records.start) // _TICK_MS * _TICK_MS
    release = answer + (records.release - records.answer) // _TICK_MS * _TICK_MS
    return Times(start, answer, np.where(records.answered, release, records.release // _STAMP_MS * _STAMP_MS))


_FIELDS = (_attempt, _stop, _start, _intermediate)


def _groups(records: Records) -> Positions:
    """The kind of each line."""
    whole = records.answered.astype(np.int64)
    return np.select([records.record_type == START, records.record_type == INTERIM], [2, 3], whole)


WRITER = Writer(
    name="ribbon_act",
    suffix="ACT",
    parts=parts,
    native_key=lambda records, world, at: (f"0x{world.tag}{records.call[at]:08d}", str(records.sequence[at])),
    cut_off=(open_quote, RejectReason.BAD_QUOTE),
    reshape=three_values,
    resolution_ms=_TICK_MS,
    times=_times,
    types=lambda records: [_TYPES[kind] for kind in _groups(records)],
    options=trunk_groups.OPTIONS,
    groups=_groups,
    missing_hour=lambda line: line.replace(b",03:", b",02:"),
    local_stamps=("start", "release"),
    clock=_clock,
    unclear=_unclear,
    has_sequence=True,
    restart=_RESTART,
    has_parts=True,
    has_attempts=True,
    foreign=b"EVENT,edge,0x0000000000000000,1,GMT-05:00-Eastern(US),10/05/2026,12:00:00.0,LINK,UP",
)
