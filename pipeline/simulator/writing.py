"""What a format is to the simulator: how records become lines, and what is left of their times in it."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from pipeline.simulator.calls import Mask
from pipeline.simulator.local_hours import Clarity, clarity_of_stamps
from pipeline.simulator.parties import Positions
from pipeline.simulator.records import RECORD_TYPES, Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part
from pipeline.simulator.traffic import Millis
from pipeline.simulator.world import World
from schemas.outcomes import RejectReason

OF_ANSWERED_CALLS = frozenset({
    "F2", "F3", "F5", "F6", "F9", "F11", "F13", "F21_ZERO", "F25_NUMBER", "F25_AREA", "F26", "F27", "F28",
})  # fmt: skip
"""Faults that need a record which says everything of an answered call."""
OF_CALLS = OF_ANSWERED_CALLS | {
    "F7_HOUR", "F7_DAY", "F7_CLOSED", "F8", "F8_CLOSED", "F12_FUTURE", "F12_OLD", "F14", "F14_GAP", "F15", "F16", "F17",
    "F18", "F19", "F20", "F21_CAUSE", "F26_BYTES",
}  # fmt: skip
"""Faults that need a record which says everything of a call."""

NODE = "NODE"


class Times(NamedTuple):
    """Setup, answer and release of records; the answer of an unanswered call is of no use."""

    start: Millis
    answer: Millis
    release: Millis


class Writer(NamedTuple):
    """One format."""

    name: str
    suffix: str
    """Of its files."""
    parts: Callable[[Records, World, Sbc], Sequence[Part]]
    """The lines of records of one node, as columns of their parts; each line ends with a line end."""
    native_key: Callable[[Records, World, int], tuple[str, ...]]
    """What the record at a position is known by (mediation.md R10)."""
    cut_off: tuple[Callable[[bytes], bytes], RejectReason]
    """Makes a line unreadable in the middle, and what it is rejected for (fault F17)."""
    reshape: Callable[[bytes], bytes]
    """Makes a line that no layout knows (fault F18)."""
    misshapen: RejectReason = RejectReason.UNKNOWN_LAYOUT
    """What such a line is rejected for."""
    rename: Callable[[bytes], bytes] | None = None
    """Gives the caller a name in Latin-1 that a spreadsheet would run (fault F15)."""
    quote: Callable[[bytes], bytes] | None = None
    """Puts raw quotes into a quoted value (fault F16)."""
    resolution_ms: int = 1
    """Of its stamps."""
    times: Callable[[Records, int], Times] | None = None
    """What its stamps leave of the times of records, where that is more than to cut them to its resolution."""
    types: Callable[[Records], Sequence[str]] | None = None
    """Types of records, where the format has its own idea of them."""
    options: Mapping[str, Any] = MappingProxyType({})
    """Options that a source of this format needs, so that its reader finds the customer."""
    groups: Callable[[Records], Positions] | None = None
    """Number of the kind of line of each record, where a format has several; `parts` is asked for each kind alone."""
    zero_is_answered: bool = True
    """Whether a call of 0 ms is told from an unanswered one."""
    cannot: frozenset[str] = frozenset()
    """Faults that its records cannot have, because it does not say what they distort."""
    call: Callable[[Records, World, int], str | None] | None = None
    """What its reader joins the records of a call by, where that is not the Call-ID: nobody else reports the call."""
    foreign: bytes | None = None
    """A line among its records that is no CDR and is skipped (fault F19)."""
    restart: tuple[bytes, ...] = ()
    """What a node writes when it goes down and when it is up again, with NODE for its name (fault F27)."""
    has_attempts: bool = False
    """Whether it writes the routes that were tried before the one that took the call (fault F23)."""
    prints_duration: bool = False
    """Whether it prints the duration of a call beside two instants that tell it, too (faults F10)."""
    has_parts: bool = False
    """Whether it writes the START and the INTERIM of a call that has no STOP (faults F5, F6)."""
    has_sequence: bool = False
    """Whether its records carry the number that the node gave them, so that gaps are seen (fault F8)."""
    missing_hour: Callable[[bytes], bytes] | None = None
    """Makes local stamps of 03:00 to 04:00 an hour earlier, which on a spring night does not exist (fault F14)."""
    local_stamps: tuple[str, ...] = ()
    """Its stamps that tell neither zone nor offset, so that an hour that the clock passes twice is not certain."""
    clock: Callable[[Sbc], str] = lambda sbc: sbc.time_zone
    """The zone of the clock that its stamps are of."""
    unclear: Callable[[Records, str], Clarity] | None = None
    """Which of its stamps are not certain by that clock, where the order of all of them and a duration do not tell."""
    totals: Callable[[Sequence[bytes]], tuple[int, int]] | None = None
    """Records and seconds that a file with these lines has to tell."""
    wrap: Callable[[int, int], tuple[bytes, bytes]] | None = None
    """Header and trailer of a file that tells so many records and seconds (fault F20)."""
    is_billed: bool = True
    """Whether its records are of legs that cost something."""
    tells_setup: bool = True
    """Whether its records tell when a call was set up, not only when it was answered."""
    lines: int = 1
    """Lines of a record in a file, a blank one behind it included."""

    @property
    def line_end(self) -> bytes:
        """What stands behind a record in a file."""
        return b"\n" if self.lines == 1 else b"\n\n"


def leg_id(records: Records, world: World, at: int) -> str:
    """The native id of a leg in a format that lets the node choose it."""
    return f"{world.tag}-{records.call[at]:08d}-{records.leg[at]}"


def session_id(records: Records, world: World, at: int) -> str:
    """The id of a node's session, which the routes that it tries share."""
    return f"{world.tag}-{records.call[at]:08d}-0"


def call_id(records: Records, world: World, at: int) -> str:
    """What joins all records of a call, whichever node wrote them: the Call-ID of its ingress."""
    return f"{world.tag}-{records.call[at]:08d}@sim"


def tags(records: Records, world: World, at: int) -> tuple[str, str]:
    """The tags of a dialog in their alphabetical order."""
    return (f"{world.tag}-{records.call[at]:08d}-c", f"{world.tag}-{records.call[at]:08d}-s")


def record_types(records: Records, writer: Writer) -> list[str]:
    """The types, as the canonical record names them."""
    if writer.types is not None:
        return list(writer.types(records))
    names = [*map(str, RECORD_TYPES), "", ""]
    return [names[number] for number in records.record_type.tolist()]


def printed_times(records: Records, writer: Writer) -> Times:
    """The times as the stamps of a format tell them."""
    if writer.times is not None:
        return writer.times(records, writer.resolution_ms)
    start, answer, release = (
        column // writer.resolution_ms * writer.resolution_ms
        for column in (records.start, records.answer, records.release)
    )
    return Times(start, answer, release)


def misprinted_ms(records: Records) -> Millis:
    """How much longer than its times a record prints its call: 0 but for faults F10 (mediation.md R3)."""
    told: Millis = np.where(records.answered, records.reported - (records.release - records.answer), 0)
    return told


def clarity(records: Records, writer: Writer, sbc: Sbc) -> Clarity:
    """Which records of a node stand in hours that are not certain."""
    if writer.unclear is not None:
        return writer.unclear(records, writer.clock(sbc))
    return clarity_of_stamps(records, writer.clock(sbc), writer.local_stamps)


def every(records: Records) -> Mask:
    """A mask of all records."""
    return np.ones(len(records.call), bool)
