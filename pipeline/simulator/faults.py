"""Faults on records, each with an exact count at positions drawn from the seed (synthetic-load.md 4).

Faults do not stack: a record that one fault touched, the original of a copy included, is left alone by all others.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from pipeline.simulator import outcomes
from pipeline.simulator.calls import OUTBOUND, Mask
from pipeline.simulator.parties import Positions
from pipeline.simulator.records import INTERIM, INTERIM_MS, MAIN_LEG, START, STOP, Records
from pipeline.simulator.traffic import Millis
from pipeline.simulator.world import World
from pipeline.simulator.writers import writer_named

NO_FAULT = -1
TWENTY_YEARS_MS = 20 * 365 * 86_400_000
TWIN_CALLS = 50_000_000
"""The second of two calls that look the same has this much more as its number."""
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
        self.native: Mask = np.array([sbc.format == "native_json" for sbc in world.sbcs])[records.sbc]

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
    """The call lies on whole seconds, so that every format tells its duration alike.

    It is an answered one: Ribbon reports the others as attempts, which are no other report of the same leg.
    """
    records = run.records
    hidden = (records.calling == 0) & (records.direction == OUTBOUND)
    at = run.pick("F2", count, run.single & records.answered & ~hidden & (len(run.world.sbcs) > 1))
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


def _without_stop(run: _Run, fault: int, count: int) -> None:
    """What would have been the STOP is the START; every other call is heard of once more after a quarter of an hour."""
    at = run.pick("F5", count, run.single & run.native & run.records.answered)
    _touch(run, at, fault, record_type=np.full(count, START), reported=np.zeros(count, np.int64),
           arrival=run.records.answer[at] + 150)  # fmt: skip
    again = at[::2]
    interims = run.copy(again, fault, np.full(len(again), INTERIM_MS))
    run.copies.append(_as_interims(interims))


def _orphan(run: _Run, fault: int, count: int) -> None:
    at = run.pick("F6", count, run.single & run.native & run.records.answered)
    interims = _as_interims(run.records.take(at))
    _touch(run, at, fault, record_type=interims.record_type, part=interims.part, reported=interims.reported)


def _as_interims(records: Records) -> Records:
    ones = np.ones(len(records.call), np.int64)
    return records._replace(record_type=ones * INTERIM, part=ones, reported=ones * INTERIM_MS)


def _later(name: str, delay_ms: int) -> Callable[[_Run, int, int], None]:
    def put(run: _Run, fault: int, count: int) -> None:
        at = run.pick(name, count, run.single)
        _touch(run, at, fault, arrival=run.records.arrival[at] + delay_ms)

    return put


def _misprint(name: str, at_least_ms: int, misprinted: Callable[[Millis], Millis]) -> Callable[[_Run, int, int], None]:
    def put(run: _Run, fault: int, count: int) -> None:
        long_enough = run.records.reported >= at_least_ms
        at = run.pick(name, count, run.single & run.native & run.records.answered & long_enough)
        _touch(run, at, fault, reported=misprinted(run.records.reported[at]))

    return put


def _elsewhen(name: str, shift_ms: int) -> Callable[[_Run, int, int], None]:
    """The clock of the node is wrong by decades; the record arrives as it should."""

    def put(run: _Run, fault: int, count: int) -> None:
        at = run.pick(name, count, run.single)
        times = {field: getattr(run.records, field)[at] + shift_ms for field in ("start", "answer", "release")}
        _touch(run, at, fault, **times)

    return put


def _on_bytes(name: str) -> Callable[[_Run, int, int], None]:
    """What is done to the bytes, where the format of the node allows it."""

    def put(run: _Run, fault: int, count: int) -> None:
        able = np.array([can_have(name, sbc.format) for sbc in run.world.sbcs])[run.records.sbc]
        _touch(run, run.pick(name, count, run.single & able), fault)

    return put


def _long_number(run: _Run, fault: int, count: int) -> None:
    at = run.pick("F26", count, _outbound(run))
    _touch(run, at, fault, called=run.world.parties.too_long.draw(run.rng.random(count)))


def _twin_call(run: _Run, fault: int, count: int) -> None:
    """Another call by its ids, the same one by everything else: suspicious, and both are billed."""
    copy = run.copy(run.pick("F28", count, run.single & run.records.answered), fault, run.delays(count, 60))
    run.copies.append(copy._replace(call=copy.call + TWIN_CALLS))


def can_have(fault: str, format_name: str) -> bool:
    """Whether records of a format can have a fault."""
    writer = writer_named(format_name)
    if fault in {"F5", "F6", "F10_SECONDS", "F10_SHARE", "F10_BLOCK"}:
        return format_name == "native_json"
    return {"F15": writer.rename is not None, "F16": writer.quote is not None}.get(fault, True)


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
    "F5": _without_stop,
    "F6": _orphan,
    "F10_SHARE": _misprint("F10_SHARE", 100_000, lambda reported: reported * 104 // 100),
    "F10_BLOCK": _misprint("F10_BLOCK", 10_000, lambda reported: reported * 16 // 10),
    "F10_SECONDS": _misprint("F10_SECONDS", 1_000, lambda reported: reported + 2_000),
    "F16": _on_bytes("F16"),
    "F15": _on_bytes("F15"),
    "F26": _long_number,
    "F28": _twin_call,
    "F12_FUTURE": _elsewhen("F12_FUTURE", TWENTY_YEARS_MS),
    "F12_OLD": _elsewhen("F12_OLD", -TWENTY_YEARS_MS),
    "F7_DAY": _later("F7_DAY", 86_400_000),
    "F7_HOUR": _later("F7_HOUR", 3_600_000),
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
