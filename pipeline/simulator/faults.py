"""Faults on records, each with an exact count at positions drawn from the seed (synthetic-load.md 4).

Faults do not stack: a record that one fault touched, the original of a copy included, is left alone by all others.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from pipeline.simulator import outcomes
from pipeline.simulator.calls import OUTBOUND, Mask
from pipeline.simulator.parties import Positions
from pipeline.simulator.records import MAIN_LEG, STOP, Records
from pipeline.simulator.world import World

NO_FAULT = -1
_LATER_MS = 1_000
"""The second node sees the setup this much later."""


class Faulty(NamedTuple):
    """Records with their faults, in the order of arrival."""

    records: Records
    counts: Mapping[str, int]


class TooFewRecords(ValueError):
    """A fault has a count that the records cannot hold."""

    def __init__(self, fault: str, count: int, fit: int) -> None:
        super().__init__(
            f"{count} records with fault {fault} are wanted and {fit} records can have it. Simulate more calls, or "
            "lower the rate."
        )
        self.fault = fault


class _Run:
    """Records while faults are put on them."""

    def __init__(self, records: Records, world: World, rng: np.random.Generator) -> None:
        self.records, self.world, self.rng = records, world, rng
        self.free = np.ones(len(records.call), bool)
        self.copies: list[Records] = []
        counts = np.bincount(records.call - records.call.min(initial=0))
        alone = counts[records.call - records.call.min(initial=0)] == 1
        self.single: Mask = alone & (records.leg == MAIN_LEG) & (records.record_type == STOP)
        """Records that say everything that there is of their call."""

    def pick(self, fault: str, count: int, eligible: Mask) -> Positions:
        """Draw positions among those that may have the fault."""
        fit = np.flatnonzero(eligible & self.free)
        if len(fit) < count:
            raise TooFewRecords(fault, count, len(fit))
        at = np.sort(self.rng.choice(fit, count, replace=False))
        self.free[at] = False
        return at

    def copy(self, at: Positions, fault: int, delay_ms: Positions) -> Records:
        """Further records that look like these and come later."""
        originals = self.records.take(at)
        return originals._replace(
            arrival=originals.arrival + delay_ms, fault=np.full(len(at), fault), copy=np.ones(len(at), np.int64)
        )

    def delays(self, count: int, seconds_max: int) -> Positions:
        """Milliseconds from one second up."""
        return self.rng.integers(1_000, seconds_max * 1_000 + 1, count)


def inject(records: Records, world: World, counts: Mapping[str, int], rng: np.random.Generator) -> Faulty:
    """Put so many of each fault on the records. TooFewRecords where they do not fit."""
    if not any(counts.values()):
        return Faulty(records, counts)
    run = _Run(records, world, rng)
    numbers = {fault: number for number, fault in enumerate(counts)}
    for fault, put in _FAULTS.items():
        if counts.get(fault):
            put(run, numbers[fault], counts[fault])
    faulty = run.records.joined(*run.copies).sorted_by_arrival()
    return Faulty(_with_replay(faulty, run, numbers, counts), counts)


def _touch(run: _Run, at: Positions, fault: int, **changed: Positions) -> None:
    """Change fields of records in place and name the fault."""
    run.records.fault[at] = fault
    for name, values in changed.items():
        getattr(run.records, name)[at] = values


def _repeat(run: _Run, fault: int, count: int) -> None:
    at = run.pick("F1", count, np.isin(run.records.record_type, (STOP,)))
    run.copies.append(run.copy(at, fault, run.delays(count, 3_600)))


def _report_twice(run: _Run, fault: int, count: int) -> None:
    """The call lies on whole seconds, so that every format tells its duration alike."""
    records = run.records
    hidden = (records.calling == 0) & (records.direction == OUTBOUND)
    at = run.pick("F2", count, run.single & ~hidden & (len(run.world.sbcs) > 1))
    whole = {name: getattr(records, name)[at] // 1_000 * 1_000 for name in ("start", "answer", "release")}
    _touch(run, at, fault, **whole, reported=np.where(records.answered[at], whole["release"] - whole["answer"], 0))
    other = (records.sbc[at] + run.rng.integers(1, len(run.world.sbcs), count)) % len(run.world.sbcs)
    late = np.where(whole["answer"] - whole["start"] > _LATER_MS, _LATER_MS, 0)
    twin = run.copy(at, fault, run.delays(count, 60))
    run.copies.append(twin._replace(sbc=other, start=twin.start + late))


def _contradict(run: _Run, fault: int, count: int) -> None:
    """The node sends the record again with another duration."""
    at = run.pick("F3", count, run.single & run.records.answered)
    copy = run.copy(at, fault, run.delays(count, 300))
    longer = 7_000 * np.ones(count, np.int64)
    run.copies.append(copy._replace(release=copy.release + longer, reported=copy.reported + longer))


def _delay(run: _Run, fault: int, count: int) -> None:
    at = run.pick("F4", count, np.ones(len(run.free), bool))
    _touch(run, at, fault, arrival=run.records.arrival[at] + run.delays(count, 600))


def _turn_back(run: _Run, fault: int, count: int) -> None:
    at = run.pick("F9", count, run.single & run.records.answered)
    back = run.rng.integers(1, 31, count) * 1_000
    _touch(run, at, fault, release=run.records.answer[at] - back, reported=-back)


def _cut_off(run: _Run, fault: int, count: int) -> None:
    _touch(run, run.pick("F17", count, run.single), fault)


def _reshape(run: _Run, fault: int, count: int) -> None:
    _touch(run, run.pick("F18", count, run.single), fault)


def _normal_cause(run: _Run, fault: int, count: int) -> None:
    at = run.pick("F21_CAUSE", count, run.single & ~run.records.answered)
    _touch(run, at, fault, outcome=np.full(count, outcomes.NORMAL_UNANSWERED))


def _zero_duration(run: _Run, fault: int, count: int) -> None:
    at = run.pick("F21_ZERO", count, run.single & run.records.answered)
    _touch(run, at, fault, release=run.records.answer[at], reported=np.zeros(count, np.int64))


def _outbound(run: _Run) -> Mask:
    outbound: Mask = run.single & run.records.answered & (run.records.direction == OUTBOUND)
    return outbound


def _unreadable_number(run: _Run, fault: int, count: int) -> None:
    at = run.pick("F25_NUMBER", count, _outbound(run))
    _touch(run, at, fault, called=run.world.parties.unreadable.draw(run.rng.random(count)))


def _area_out_of_service(run: _Run, fault: int, count: int) -> None:
    at = run.pick("F25_AREA", count, _outbound(run))
    _touch(run, at, fault, called=run.world.parties.out_of_service.draw(run.rng.random(count)))


_FAULTS: Mapping[str, Callable[[_Run, int, int], None]] = {
    "F25_AREA": _area_out_of_service,
    "F25_NUMBER": _unreadable_number,
    "F21_ZERO": _zero_duration,
    "F21_CAUSE": _normal_cause,
    "F9": _turn_back,
    "F17": _cut_off,
    "F18": _reshape,
    "F3": _contradict,
    "F2": _report_twice,
    "F1": _repeat,
    "F4": _delay,
}
"""The narrowest first, so that each finds records that fit."""


def _with_replay(records: Records, run: _Run, numbers: Mapping[str, int], counts: Mapping[str, int]) -> Records:
    """Fault F24: a run of records of one node comes a second time, after everything else."""
    count = counts.get("F24", 0)
    if not count:
        return records
    copied = np.isin(records.call, records.call[records.copy > 0])
    sound = np.flatnonzero((records.fault == NO_FAULT) & (records.sbc == 0) & (records.record_type == STOP) & ~copied)
    if len(sound) < count:
        raise TooFewRecords("F24", count, len(sound))
    first = int(run.rng.integers(len(sound) - count + 1))
    again = records.take(sound[first : first + count])
    late = records.arrival.max() + 3_600_000 + np.arange(count)
    again = again._replace(arrival=late, fault=np.full(count, numbers["F24"]), copy=np.ones(count, np.int64))
    return records.joined(again)
