"""What a format is to the simulator: how records become lines, and what is left of their times in it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.simulator.calls import Mask
from pipeline.simulator.records import MAIN_LEG, RECORD_TYPES, STOP, Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part
from pipeline.simulator.traffic import Millis
from pipeline.simulator.world import World
from schemas.outcomes import RejectReason


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
    resolution_ms: int = 1
    """Of its stamps."""
    record_types: frozenset[int] = frozenset({STOP})


def leg_id(records: Records, world: World, at: int) -> str:
    """The native id of a leg in a format that lets the node choose it."""
    return f"{world.tag}-{records.call[at]:08d}-{records.leg[at]}"


def call_id(records: Records, world: World, at: int) -> str:
    """What joins all records of a call, whichever node wrote them: the Call-ID of its ingress."""
    return f"{world.tag}-{records.call[at]:08d}@sim"


def record_type(records: Records, at: int) -> str:
    """The type, as the canonical record names it."""
    return str(RECORD_TYPES[records.record_type[at]])


def to_resolution(millis: Millis, resolution_ms: int) -> Millis:
    """An instant as a clock of that resolution prints it."""
    floored: Millis = millis // resolution_ms * resolution_ms
    return floored


def every(records: Records) -> Mask:
    """A mask of all records."""
    return np.ones(len(records.call), bool)


def is_main(records: Records) -> Mask:
    """The legs of calls, without forwarded ones and attempts."""
    main: Mask = records.leg == MAIN_LEG
    return main
