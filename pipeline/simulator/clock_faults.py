"""Local hours that are not certain, on the nights on which clocks are set (fault F14)."""

import numpy as np

from pipeline.simulator.calls import Mask
from pipeline.simulator.injection import Injection, can_have
from pipeline.simulator.local_hours import is_behind_missing_hour
from pipeline.simulator.records import STOP, Records
from pipeline.simulator.world import World
from pipeline.simulator.writers import writer_named
from pipeline.simulator.writing import clarity


def unclear_hours(run: Injection, _: int) -> None:
    """Fault F14: every record whose local stamps stand in an hour that the clock of its node passes twice."""
    for node, sbc in enumerate(run.world.sbcs):
        if not can_have("F14", sbc.format):
            continue
        mine = np.flatnonzero((run.records.sbc == node) & run.free)
        at = mine[clarity(run.records.take(mine), writer_named(sbc.format), sbc) > 0]
        run.touch(at, "F14")
        run.free[at] = False


def missing_hours(run: Injection, count: int) -> None:
    """Fault F14: a clock that was not set in spring writes an hour that does not exist."""
    at = run.pick("F14_GAP", count, run.single & behind_missing_hour(run.records, run.world))
    run.touch(at, "F14_GAP")


def behind_missing_hour(records: Records, world: World) -> Mask:
    """Whole calls all of whose stamps lie in the hour behind the one that is missing."""
    found = np.zeros(len(records.call), bool)
    for node, sbc in enumerate(world.sbcs):
        if can_have("F14_GAP", sbc.format):
            mine = np.flatnonzero((records.sbc == node) & (records.record_type == STOP))
            stamps = [getattr(records, name)[mine] for name in ("start", "answer", "release")]
            clock = writer_named(sbc.format).clock(sbc)
            found[mine] = np.logical_and.reduce([is_behind_missing_hour(stamp, clock) for stamp in stamps])
    return found
