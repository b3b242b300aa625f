"""Infobip CallLog: the leg of each call that faces the customer, numbers without a plus (cdr-formats.md 1)."""

from collections.abc import Sequence

import numpy as np

from pipeline.simulator.calls import INBOUND
from pipeline.simulator.formats import trunk_groups
from pipeline.simulator.formats.damage import cut_object
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity, iso_instant
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, call_id, every
from schemas.outcomes import RejectReason

_STATES = ("FINISHED", "BUSY", "NO_ANSWER", "CANCELLED", "FAILED", "FAILED", "FAILED", "FINISHED")
_ERRORS = (
    (10000, "NORMAL_HANGUP"), (10201, "BUSY"), (10200, "NO_ANSWER"), (10202, "CANCELLED"),
    (10309, "SERVICE_UNAVAILABLE"), (10303, "DESTINATION_NOT_FOUND"), (10312, "CONGESTION"), (10000, "NORMAL_HANGUP"),
)  # fmt: skip
ZONE = "+0000"
"""An offset without a colon."""


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:  # noqa: ARG001 - every format has this signature
    """A call from the customer comes in over SIP; a call to the customer comes in from a telephone."""
    numbers, answered = trunk_groups.bare_numbers(world), records.answered
    origins = [f'"type":"SIP","sipTrunkId":"{trunk.trunk_id}"' for trunk in world.trunks] + ['"type":"PHONE"']
    origin = np.where(records.direction == INBOUND, len(world.trunks), records.trunk)
    errors = [f',"errorCode":{{"id":{number},"name":"{name}"}}' for number, name in _ERRORS]
    return [
        *identity(f'{{"callId":"{world.tag}-', records.call, '@sim","direction":"INBOUND","endpoint":{'),
        coded("", origins, origin, "}"),
        coded(',"from":"', numbers, records.calling, '"'),
        coded(',"to":"', numbers, records.called, '"'),
        coded(',"state":"', _STATES, records.outcome, '"'),
        *iso_instant(',"startTime":"', records.start, every(records), zone=ZONE),
        *iso_instant(',"answerTime":"', records.answer, answered, zone=ZONE),
        *iso_instant(',"endTime":"', records.release, every(records), zone=ZONE),
        ',"ringDuration":',
        Whole((records.answer - records.start) // 1_000),
        ',"duration":',
        Whole(records.reported // 1_000),
        coded("", errors, records.outcome),
        coded(',"hangupSource":"', ["ENDPOINT", "ENDPOINT", "PLATFORM"], records.releaser, '"}\n'),
    ]


WRITER = Writer(
    name="infobip_calllog",
    suffix="ndjson",
    parts=parts,
    native_key=lambda records, world, at: (call_id(records, world, at),),
    cut_off=(cut_object, RejectReason.TRUNCATED),
    reshape=lambda line: line.replace(b'"callId"', b'"id"', 1),
    prints_duration=True,
)
