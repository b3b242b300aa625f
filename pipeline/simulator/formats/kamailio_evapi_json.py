"""Kamailio evapi: the event of the end of a call, as CGRateS defines it (cdr-formats.md 2.9).

It tells the answer and the length of a call in whole seconds, and never of one that nobody answered.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.simulator.formats import trunk_groups
from pipeline.simulator.formats.damage import as_one_text, cut_object
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity
from pipeline.simulator.world import World
from pipeline.simulator.writing import Times, Writer, call_id
from schemas.outcomes import RejectReason

OPTIONS: Mapping[str, Any] = {
    "mapping": {
        "facts": {
            "id": "callid", "call_id": "callid", "answer": "cgr_answertime", "billsec": "cgr_duration",
            "calling": "cgr_account", "called": "cgr_destination", "pdd": "cgr_pdd", "route": "cgr_route",
            "sip_status": "cgr_disconnectcause", "trunk": "cgr_subject",
        },
        "time": "epoch_s",
    },
}  # fmt: skip
"""The shipped mapping, and the subject as trunk."""


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:  # noqa: ARG001 - every format has this signature
    """All values are texts."""
    return [
        *identity(f'{{"event":"CGR_CALL_END","callid":"{world.tag}-', records.call, '@sim"'),
        *identity(f',"from_tag":"{world.tag}-', records.call, '-c"'),
        *identity(f',"to_tag":"{world.tag}-', records.call, '-s","cgr_reqtype":"*postpaid"'),
        trunk_groups.calling(records, world, ',"cgr_account":"', '"'),
        trunk_groups.called(records, world, ',"cgr_destination":"', '","cgr_answertime":"'),
        Whole(records.answer // 1_000),
        '","cgr_duration":"',
        Whole(records.reported // 1_000),
        '","cgr_route":"carrier-1","cgr_disconnectcause":"200","cgr_pdd":"4"',
        coded(',"cgr_subject":"', [trunk.trunk_id for trunk in world.trunks], records.trunk, '"}\n'),
    ]


def _times(records: Records, _: int) -> Times:
    """The release follows from the length; the setup is not told."""
    answer = records.answer // 1_000 * 1_000
    return Times(answer, answer, answer + records.reported // 1_000 * 1_000)


WRITER = Writer(
    name="kamailio_evapi_json",
    suffix="ndjson",
    parts=parts,
    native_key=lambda records, world, at: (call_id(records, world, at), ""),
    cut_off=(cut_object, RejectReason.TRUNCATED),
    reshape=as_one_text,
    resolution_ms=1_000,
    times=_times,
    options=OPTIONS,
    tells_setup=False,
    cannot=frozenset({"F2", "F21_CAUSE"}),
)
