"""OpenSIPS events through event_kafka: E_ACC_CDR of an answered call, else E_ACC_MISSED_EVENT (cdr-formats.md 2.9)."""

from collections.abc import Sequence

import numpy as np

from pipeline.simulator.formats import proxies, trunk_groups
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity
from pipeline.simulator.world import World
from pipeline.simulator.writing import Times, Writer, call_id, tags
from schemas.outcomes import RejectReason

_FOREIGN = b'{"jsonrpc":"2.0","method":"E_UL_CONTACT_INSERT","params":{"domain":"location"}}'


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:  # noqa: ARG001 - every format has this signature
    """`time` is the answer, `created` the setup, both in whole seconds; the duration is exact in `ms_duration`."""
    answered = records.answered
    span = np.where(answered, records.release - records.answer, 0)
    codes = [f'","sip_code":"{status}","sip_reason":"{reason}","time":' for status, reason in
             zip(proxies.STATUSES, proxies.REASONS, strict=True)]  # fmt: skip
    return [
        coded('{"jsonrpc":"2.0","method":"E_ACC_', ["MISSED_EVENT", "CDR"], answered.astype(np.int64)),
        *identity(f'","params":{{"method":"INVITE","from_tag":"{world.tag}-', records.call, "-c"),
        *identity(f'","to_tag":"{world.tag}-', records.call, "-s"),
        *identity(f'","callid":"{world.tag}-', records.call, "@sim"),
        coded("", codes, records.outcome),
        Whole(np.where(answered, records.answer, records.release) // 1_000),
        ',"duration":',
        Whole(span // 1_000),
        ',"ms_duration":',
        Whole(span),
        ',"setuptime":',
        Whole(np.where(answered, records.answer // 1_000 - records.start // 1_000, 0)),
        ',"created":',
        Whole(records.start // 1_000),
        trunk_groups.calling(records, world, ',"src":"', '"'),
        trunk_groups.called(records, world, ',"dst":"', '"'),
        coded(',"trunk":"', [trunk.trunk_id for trunk in world.trunks], records.trunk, '"}}\n\n'),
    ]


def _times(records: Records, _: int) -> Times:
    """The answer to the second, and the exact duration from it; a missed call has one instant."""
    answer, release = records.answer // 1_000 * 1_000, records.release // 1_000 * 1_000
    return Times(
        np.where(records.answered, records.start // 1_000 * 1_000, release), answer,
        np.where(records.answered, answer + records.release - records.answer, release),
    )  # fmt: skip


def _native_key(records: Records, world: World, at: int) -> tuple[str, ...]:
    known = (call_id(records, world, at), *tags(records, world, at))
    if records.outcome[at] == 0:
        return (*known, "E_ACC_CDR", str(records.answer[at] // 1_000))
    return (*known, "INVITE", str(float(records.release[at] // 1_000)))


WRITER = Writer(
    name="opensips_event",
    suffix="json",
    parts=parts,
    native_key=_native_key,
    cut_off=(lambda event: event[: len(event) * 3 // 5], RejectReason.TRUNCATED),
    reshape=lambda event: event.replace(b"E_ACC_", b"ACC_", 1),
    resolution_ms=1_000,
    times=_times,
    options={"extra_keys": {"src": "calling", "dst": "called", "trunk": "trunk"}},
    cannot=frozenset({"F21_CAUSE"}),
    foreign=_FOREIGN,
    lines=2,
)
