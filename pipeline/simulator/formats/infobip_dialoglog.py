"""Infobip DialogLog: how the two calls of a connection were joined; it costs nothing (cdr-formats.md 1)."""

from collections.abc import Sequence

from pipeline.simulator.formats.damage import cut_object
from pipeline.simulator.formats.infobip_calllog import ZONE
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity, iso_instant
from pipeline.simulator.world import World
from pipeline.simulator.writing import OF_CALLS, Writer, call_id, every
from schemas.outcomes import RejectReason


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:  # noqa: ARG001 - every format has this signature
    """`duration` counts from the start, not from the connection (mediation.md R9)."""
    return [
        *identity(f'{{"dialogId":"{world.tag}-', records.call, "-d"),
        *identity(f'","parentCallId":"{world.tag}-', records.call, "@sim"),
        *identity(f'","childCallId":"{world.tag}-', records.call, '-b"'),
        coded(',"state":"', ["FAILED", "FINISHED"], records.answered.astype("int64"), '"'),
        *iso_instant(',"startTime":"', records.start, every(records), zone=ZONE),
        *iso_instant(',"establishTime":"', records.answer, records.answered, zone=ZONE),
        *iso_instant(',"endTime":"', records.release, every(records), zone=ZONE),
        ',"duration":',
        Whole((records.release - records.start) // 1_000),
        coded(',"hangupSource":"', ["PARENT_ENDPOINT", "CHILD_ENDPOINT", "PLATFORM"], records.releaser, '"}\n'),
    ]


WRITER = Writer(
    name="infobip_dialoglog",
    suffix="ndjson",
    parts=parts,
    native_key=lambda records, world, at: (call_id(records, world, at).replace("@sim", "-d"),),
    cut_off=(cut_object, RejectReason.TRUNCATED),
    reshape=lambda line: line.replace(b'"dialogId"', b'"id"', 1),
    is_billed=False,
    cannot=OF_CALLS,
)
