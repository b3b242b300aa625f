"""FreeSWITCH event CHANNEL_HANGUP_COMPLETE: a line for each variable, a blank one behind (cdr-formats.md 2.7)."""

from collections.abc import Sequence

from pipeline.simulator.formats.freeswitch_variables import Style, variables
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, leg_id
from schemas.outcomes import RejectReason

_STYLE = Style("variable_{}: ", "\n", is_always_there=True)
_LINES = 26
"""Two headers, 23 variables and a blank line."""


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    """One event."""
    return [
        f"Event-Name: CHANNEL_HANGUP_COMPLETE\nFreeSWITCH-Switchname: {sbc.node}\n",
        *variables(records, world, _STYLE),
        "\n",
    ]


def _without_name(event: bytes) -> bytes:
    return event.replace(b"Event-Name", b"Event", 1)


WRITER = Writer(
    name="freeswitch_event",
    suffix="txt",
    parts=parts,
    native_key=lambda records, world, at: (leg_id(records, world, at),),
    cut_off=(_without_name, RejectReason.UNKNOWN_LAYOUT),
    reshape=_without_name,
    rename=lambda event: event.replace(b"direction: inbound", b"caller_id_name: =M\xfcller()", 1),
    lines=_LINES,
    prints_duration=True,
)
