"""Oracle (Acme Packet) SBC, local CSV of release C6.4.0: STOP lines of 175 values, START of 122 (cdr-formats.md 2.1).

An INTERIM has the values of a STOP that are known before the end; one without an answer is a route that failed.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.simulator.calls import CODECS
from pipeline.simulator.formats import trunk_groups
from pipeline.simulator.formats.damage import open_quote
from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.records import ATTEMPT, INTERIM, START, STOP, Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity, separated, zoned_stamp
from pipeline.simulator.world import World
from pipeline.simulator.writing import NODE, Writer, every, session_id
from schemas.outcomes import RejectReason

_DATE = " %Z %b %d %Y"
_VALUES, _START_VALUES = 175, 122
_STATUSES = ("2", "1", "3")
_RESTART = tuple(f"{status},{NODE}".encode() for status in (8, 7))
"""Accounting-Off, then Accounting-On."""


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    """Parties are SIP URIs; the trunk stands in the first custom attribute. `groups` has told the kinds apart."""
    return _start(records, world, sbc) if (records.record_type == START).all() else _stop(records, world, sbc)


def _beginning(records: Records, world: World, sbc: Sbc) -> Mapping[int, Sequence[Part]]:
    """The values that stand in the same places in all lines."""
    return {
        1: [coded("", _STATUSES, np.minimum(records.record_type, INTERIM))],
        2: [f'"{sbc.node}"'],
        4: [*identity(f'"{world.tag}-', records.call, '-0"')],
        5: [*identity(f'"{world.tag}-', records.call, '@sim"')],
        10: [trunk_groups.calling(records, world, "\"'LINE'<sip:", '@192.0.2.1:5060;user=phone>;tag=SD1"')],
        11: [trunk_groups.called(records, world, '"<sip:', '@192.0.2.2:5060;user=phone>"')],
    }


def _start(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    return separated(
        _START_VALUES,
        {
            **_beginning(records, world, sbc),
            12: ['"', *zoned_stamp(records.start, every(records), sbc.time_zone, _DATE), '"'],
            13: ['"', *zoned_stamp(records.answer, every(records), sbc.time_zone, _DATE), '"'],
            21: [coded('"', CODECS, records.codec, '"')],
            70: ['"C6.4.0"'],
            74: ['"', trunk_groups.ingress(records, world), '"'],
            75: ['"', trunk_groups.egress(records, world), '"'],
            87: [coded('"', [trunk.trunk_id for trunk in world.trunks], records.trunk, '"')],
            122: [Whole(records.sequence)],
        },
    )


def _stop(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    answered, all_of_them = records.answered, every(records)
    ended = np.isin(records.record_type, (STOP, ATTEMPT))
    return separated(
        _VALUES,
        {
            **_beginning(records, world, sbc),
            12: ["1"],
            13: [Whole(records.reported // 1_000)],
            14: ['"', *zoned_stamp(records.start, all_of_them, sbc.time_zone, _DATE), '"'],
            15: ['"', *zoned_stamp(records.answer, answered, sbc.time_zone, _DATE), '"'],
            16: ['"', *zoned_stamp(records.release, ended, sbc.time_zone, _DATE), '"'],
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


def _native_key(records: Records, world: World, at: int) -> tuple[str, ...]:
    """The session; an INTERIM, and so the attempt of a route, by its sequence number."""
    session = session_id(records, world, at)
    return (session, str(records.sequence[at])) if records.record_type[at] in {INTERIM, ATTEMPT} else (session,)


WRITER = Writer(
    name="oracle_csv",
    suffix="csv",
    parts=parts,
    native_key=_native_key,
    cut_off=(open_quote, RejectReason.BAD_QUOTE),
    reshape=lambda line: line + b",1,2",
    rename=lambda line: line.replace(b"LINE", b"=M\xfcller()", 1),
    quote=lambda line: line.replace(b"'LINE'", b'"LINE"', 1),
    has_sequence=True,
    groups=lambda records: (records.record_type == START).astype(np.int64),
    restart=_RESTART,
    has_parts=True,
    has_attempts=True,
    prints_duration=True,
)
