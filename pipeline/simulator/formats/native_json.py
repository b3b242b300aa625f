"""The native event, version 1 (cdr-formats.md 2.0)."""

from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.simulator.calls import CODECS, INBOUND
from pipeline.simulator.formats.damage import cut_object
from pipeline.simulator.outcomes import OUTCOMES, RELEASED_BY
from pipeline.simulator.parties import Positions, texts
from pipeline.simulator.records import ATTEMPT, INTERIM, RECORD_TYPES, STOP, Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity, iso_instant
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, every, leg_id
from schemas.cdr import Direction
from schemas.outcomes import RejectReason
from schemas.reference import Trunk

_DIRECTIONS = (Direction.OUTBOUND, Direction.INBOUND, Direction.FORWARD)
_LEGS = [str(number) for number in range(8)]
_IDENTIFIERS = 4
"""Ways in which a trunk may be named: its id, two of its own identifiers, none."""


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    """One object a line."""
    numbers = texts(world.parties.table)
    ended = np.isin(records.record_type, (STOP, ATTEMPT))
    return [
        *identity(f'{{"source_node":"{sbc.node}","leg_id":"{world.tag}-', records.call, "-"),
        coded("", _LEGS, records.leg, '"'),
        *identity(f',"call_group_id":"{world.tag}-', records.call, '@sim"'),
        coded("", _kinds(), _kind(records)),
        coded("", _identifiers(world.trunks), _identifier(records)),
        coded(',"calling_raw":"', numbers, records.calling, '"'),
        coded(',"called_raw":"', numbers, records.called, '"'),
        coded(',"pai_raw":"', numbers, records.asserted, '"'),
        *iso_instant(',"started_at":"', records.start, every(records)),
        *iso_instant(',"answered_at":"', records.answer, records.answered),
        *iso_instant(',"released_at":"', records.release, ended),
        ',"reported_ms":',
        Whole(records.reported),
        coded("", _endings(), np.where(ended, records.outcome * 3 + records.releaser, -1)),
        coded("", _medias(), records.codec * 2 + records.secure),
        coded(',"mos_x100":', [str(score) for score in range(451)], np.where(records.mos > 0, records.mos, -1)),
        coded("", _part_numbers(), _part_number(records), "}\n"),
    ]


def _kinds() -> list[str]:
    return [
        f',"record_type":"{record_type}","direction":"{direction}"' + ("" if billed else ',"is_billed_leg":false')
        for record_type in RECORD_TYPES
        for direction in _DIRECTIONS
        for billed in (False, True)
    ]


def _kind(records: Records) -> Positions:
    kind: Positions = (records.record_type * len(_DIRECTIONS) + records.direction) * 2 + records.billed
    return kind


def _identifiers(trunks: Sequence[Trunk]) -> list[str]:
    return [text for trunk in trunks for text in _identifiers_of(trunk)]


def _identifiers_of(trunk: Trunk) -> Iterator[str]:
    """How the SBC knows the trunk: by its id, by what the customer's side presents, by nothing but the DID."""
    yield f',"claimed_trunk_id":"{trunk.trunk_id}"'
    if trunk.source_hosts:
        yield from (f',"source_ip":"{trunk.source_hosts[at]}"' for at in (0, -1))
    elif trunk.user_name:
        yield from [f',"user_name":"{trunk.user_name}"'] * 2
    else:
        yield from [f',"provider_id":"{trunk.provider_id}"'] * 2
    yield ""


def _identifier(records: Records) -> Positions:
    inbound = records.direction == INBOUND
    even = records.call % 2
    forward = records.direction > INBOUND
    way = np.where(inbound, even * 3, 1 + even)
    identifier: Positions = records.trunk * _IDENTIFIERS + np.where(forward, 0, way)
    return identifier


def _endings() -> list[str]:
    return [
        f',"sip_status":{outcome.sip_status}'
        + (f',"q850":{outcome.q850}' if outcome.q850 else "")
        + f',"release_party":"{party}"'
        for outcome in OUTCOMES
        for party in RELEASED_BY
    ]


def _medias() -> list[str]:
    return [
        f',"codec_in":"{codec}","codec_out":"{codec}","transport":"{transport}","srtp":{srtp}'
        for codec in CODECS
        for transport, srtp in (("udp", "false"), ("tls", "true"))
    ]


def _part_numbers() -> list[str]:
    return ["", *(f',"{name}":{number}' for name in ("part_no", "route_attempt") for number in range(100))]


def _part_number(records: Records) -> Positions:
    return np.select(
        [records.record_type == INTERIM, records.record_type == ATTEMPT],
        [1 + np.minimum(records.part, 99), 101 + records.part],
        0,
    )


def _native_key(records: Records, world: World, at: int) -> tuple[str, ...]:
    leg, part = leg_id(records, world, at), str(records.part[at])
    match records.record_type[at]:
        case 0:
            return (leg,)
        case 2:
            return (leg, "", part, "")
        case 3:
            return (leg, "", "", part)
    return (leg, "", "", "")


WRITER = Writer(
    name="native_json",
    suffix="json",
    parts=parts,
    native_key=_native_key,
    cut_off=(cut_object, RejectReason.TRUNCATED),
    reshape=lambda line: b'{"node":"unknown",' + line[1:],
    has_parts=True,
    rename=lambda line: b'{"display_name":"=M\xfcller()",' + line[1:],
    prints_duration=True,
)
