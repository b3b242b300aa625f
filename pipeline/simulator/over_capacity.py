"""Calls beyond the channel limit that a node lets through: they are billed, and an alarm (mediation.md R41)."""

import numpy as np

from pipeline.simulator.injection import AGAIN, FURTHER, Injection, TooFewRecords
from pipeline.simulator.records import STOP, Records

EXTRA_CALLS = 60_000_000
"""The calls of this fault are numbered from here."""
_QUIET_MS = 4_000


def exceed_limits(run: Injection, count: int) -> None:
    """Fault F13: short calls that fill the channels of a trunk, and one more that the node lets through."""
    records, made = run.records, 0
    template = run.single & records.answered & run.free & run.able("F13")
    limits = np.array([trunk.channel_limits[0].channel_limit for trunk in run.world.trunks])[records.trunk]
    for at in np.lexsort((run.rng.random(len(limits)), limits)).tolist():
        if made == count:
            return
        moment = _quiet_moment(run, at) if template[at] and run.free[at] else None
        if moment is None:
            continue
        run.free[at] = False
        run.copies += _burst(run, at, moment)
        made += 1
    raise TooFewRecords("F13", count, made)


def _quiet_moment(run: Injection, at: int) -> int | None:
    """A second within a call around which no other call of its trunk is answered or ends."""
    records = run.records
    middle = int(records.answer[at] + records.release[at]) // 2_000 * 1_000
    if records.release[at] - records.answer[at] < 4 * _QUIET_MS:
        return None
    mine = (records.trunk == records.trunk[at]) & records.answered
    near = [np.abs(column[mine] - middle) <= _QUIET_MS for column in (records.answer, records.release)]
    return None if any(one.any() for one in near) else middle


def _burst(run: Injection, at: int, moment: int) -> list[Records]:
    """As many calls as channels are left, and behind them the one that is too many; all end together."""
    records = run.records
    busy = (records.answer <= moment) & (records.release > moment) & (records.trunk == records.trunk[at])
    used = len(np.unique(records.call[busy & records.answered & records.billed & (records.record_type == STOP)]))
    limit = int(run.world.limits(int(records.trunk[at]), np.array([moment]))[0])
    count = max(limit - used, 0) + 1
    made = sum(len(copy.call) for copy in run.copies)
    calls = run.copy(np.full(count, at), "F13", np.zeros(count, np.int64))
    answer = np.where(np.arange(count) == count - 1, moment + 1_000, moment)
    release = np.full(count, moment + 3_000)
    return [calls._replace(
        call=EXTRA_CALLS + int(records.call.min()) + made + np.arange(count), start=answer - 1_000,
        answer=answer, release=release, reported=release - answer, arrival=release + 500, written=release + 500,
        copy=np.where(np.arange(count) == count - 1, AGAIN, FURTHER),
    )]  # fmt: skip
