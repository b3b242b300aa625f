"""RADIUS accounting as text, h323 attributes, one packet a paragraph (cdr-formats.md 2.4)."""

from collections.abc import Sequence

import numpy as np

from pipeline.simulator.formats import trunk_groups
from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.records import INTERIM, STOP, Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity, zoned_stamp
from pipeline.simulator.world import World
from pipeline.simulator.writing import NODE, Writer, every, leg_id
from schemas.outcomes import RejectReason

_DATE = " %Z %a %b %d %Y"
_LINES = 14
"""Thirteen attributes and a blank line."""
_STATUSES = ("Stop", "Start", "Interim-Update")
_RESTART = tuple(
    f'Acct-Status-Type = Accounting-{status}\nNAS-IP-Address = {NODE}\nAcct-Session-Id = "0"'.encode()
    for status in ("Off", "On")
)


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    """Stop packets, Start and Interim-Update of calls that no Stop ends; causes are hexadecimal."""
    all_of_them, ended = every(records), records.record_type == STOP
    return [
        coded("Acct-Status-Type = ", _STATUSES, np.minimum(records.record_type, INTERIM)),
        f"\nNAS-IP-Address = {sbc.node}\n",
        *identity(f'Acct-Session-Id = "{world.tag}-', records.call, '-0"\n'),
        *identity(f'h323-conf-id = "{world.tag}-', records.call, '@sim"\n'),
        trunk_groups.calling(records, world, 'Calling-Station-Id = "', '"\n'),
        trunk_groups.called(records, world, 'Called-Station-Id = "', '"\nh323-setup-time = "'),
        *zoned_stamp(records.start, all_of_them, sbc.time_zone, _DATE),
        '"\nh323-connect-time = "',
        *zoned_stamp(records.answer, records.answered, sbc.time_zone, _DATE),
        '"\nh323-disconnect-time = "',
        *zoned_stamp(records.release, ended, sbc.time_zone, _DATE),
        coded(
            '"\nh323-disconnect-cause = "', [f"{outcome.q850 or 127:X}" for outcome in OUTCOMES], records.outcome, '"\n'
        ),
        "Acct-Session-Time = ",
        Whole(records.reported // 1_000),
        '\nh323-remote-id = "',
        trunk_groups.ingress(records, world),
        '"\nAcme-Terminating-Trunk-Group = "',
        trunk_groups.egress(records, world),
        '"\n\n',
    ]


def _another_request(packet: bytes) -> bytes:
    return packet.replace(b"Acct-Status-Type", b"Acct-Other-Type", 1)


def _native_key(records: Records, world: World, at: int) -> tuple[str, ...]:
    """The session; an INTERIM by its session time."""
    session = leg_id(records, world, at)
    return (session, str(records.reported[at] // 1_000)) if records.record_type[at] == INTERIM else (session,)


WRITER = Writer(
    name="radius_text",
    suffix="txt",
    parts=parts,
    native_key=_native_key,
    cut_off=(_another_request, RejectReason.UNKNOWN_LAYOUT),
    reshape=_another_request,
    options=trunk_groups.OPTIONS,
    lines=_LINES,
    zero_is_answered=False,
    restart=_RESTART,
    has_parts=True,
    prints_duration=True,
)
