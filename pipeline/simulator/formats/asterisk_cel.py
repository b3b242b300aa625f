"""Asterisk channel event log: begin, conversation and end of each channel, 20 columns (cdr-formats.md 2.8)."""

from collections.abc import Sequence

import numpy as np

from pipeline.simulator.parties import texts
from pipeline.simulator.records import END, INTERIM, START, Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity
from pipeline.simulator.traffic import Millis
from pipeline.simulator.world import World
from pipeline.simulator.writing import OF_CALLS, Writer
from schemas.outcomes import RejectReason

_EVENTS = ("CHAN_START", "BRIDGE_START", "BRIDGE_END", "CHAN_END")
_MILLISECONDS = [f"{at:03d}000" for at in range(1_000)]


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:  # noqa: ARG001 - every format has this signature
    """`uniqueid` begins with the epoch of the channel, `linkedid` is the Call-ID."""
    numbers, instant = texts(world.parties.table), _instants(records)
    return [
        coded('"', _EVENTS, _event(records), '","'),
        Whole(instant // 1_000),
        coded(".", _MILLISECONDS, instant % 1_000, '","Line'),
        coded('","', numbers, records.calling, '","","",""'),
        coded(',"', numbers, records.called, '","from-trunk","PJSIP/edge","","","3"'),
        coded(',"', [trunk.trunk_id for trunk in world.trunks], records.trunk, '","'),
        Whole(records.start // 1_000),
        ".",
        Whole(records.call),
        *identity(f'","{world.tag}-', records.call, '@sim","","","",""\n'),
    ]


def _event(records: Records) -> Millis:
    unanswered = (records.record_type == END) & ~records.answered
    return np.select([records.record_type == START, records.record_type == INTERIM, unanswered], [0, 1, 3], 2)


def _instants(records: Records) -> Millis:
    return np.select(
        [records.record_type == START, records.record_type == INTERIM], [records.start, records.answer], records.release
    )


def _native_key(records: Records, world: World, at: int) -> tuple[str, ...]:  # noqa: ARG001
    one = records.take(np.array([at]))
    instant = int(_instants(one)[0])
    unique = f"{records.start[at] // 1_000}.{records.call[at]}"
    return (unique, _EVENTS[int(_event(one)[0])], f"{instant // 1_000}.{instant % 1_000:03d}000")


def _open_quote(line: bytes) -> bytes:
    return line[: line.rindex(b"@sim")]


WRITER = Writer(
    name="asterisk_cel",
    suffix="csv",
    parts=parts,
    native_key=_native_key,
    cut_off=(_open_quote, RejectReason.TRUNCATED),
    reshape=lambda line: line + b',"a","b"',
    rename=lambda line: line.replace(b"Line", b"=M\xfcller()", 1),
    cannot=OF_CALLS,
)
