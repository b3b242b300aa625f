"""Faults on records, each with an exact count at positions drawn from the seed (synthetic-load.md 4).

Faults do not stack: a record that one fault touched, the original of a copy included, is left alone by all others.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from pipeline.simulator import clock_faults, node_faults, outcomes, over_capacity
from pipeline.simulator.calls import OUTBOUND, Mask
from pipeline.simulator.injection import AGAIN, NO_FAULT, Injection, TooFewRecords, can_have
from pipeline.simulator.records import ATTEMPT, END, FIRST_ATTEMPT, INTERIM, INTERIM_MS, START, STOP, Records
from pipeline.simulator.traffic import Millis
from pipeline.simulator.world import World

DAY_MS = 86_400_000
TWENTY_YEARS_MS = 20 * 365 * DAY_MS
AFTER_CLOSE_MS = 45 * DAY_MS
"""A month later, and time enough for its period to be closed."""
TWIN_CALLS = 50_000_000
"""The second of two calls that look the same has this much more as its number."""
OTHER_LEG = 6
"""The leg of a pair that does not bill."""
_LATER_MS = 1_000
"""The second node sees the setup this much later."""
_SENT_AGAIN = ("F1", "F3", "F24")
"""Faults whose additional record has the number of the first one."""

__all__ = ["TWIN_CALLS", "Faulty", "TooFewRecords", "can_have", "inject"]


class Faulty(NamedTuple):
    """Records with their faults, in the order of arrival."""

    records: Records
    counts: Mapping[str, int]
    lost: Records
    """Those that the nodes numbered and that never arrive (fault F8)."""


def inject(records: Records, world: World, counts: Mapping[str, int], rng: np.random.Generator) -> Faulty:
    """Put so many of each fault on the records. TooFewRecords where they do not fit."""
    nothing = records.take(np.arange(0))
    if not any(counts.values()):
        return Faulty(records, counts, nothing)
    run = Injection(records, world, rng, tuple(counts))
    for fault, put in _FAULTS.items():
        if counts.get(fault):
            put(run, counts[fault])
    faulty = node_faults.renumbered(run.records.joined(*run.copies), run, _SENT_AGAIN)
    faulty, lost = node_faults.with_gaps(faulty, run, counts)
    faulty = node_faults.with_wrong_totals(faulty.sorted_by_arrival(), run, counts.get("F20", 0))
    return Faulty(_with_replay(faulty, run, counts.get("F24", 0)), counts, lost)


def _repeat(run: Injection, count: int) -> None:
    at = run.pick("F1", count, np.isin(run.records.record_type, (STOP, END)))
    run.copies.append(run.copy(at, "F1", run.delays(count, 3_600)))


def _report_twice(run: Injection, count: int) -> None:
    """The call lies on whole seconds, so that every format tells its duration alike.

    It is an answered one that lasts a second: Ribbon reports the others as attempts, and RADIUS tells no call of 0 s
    from an unanswered one.
    """
    records = run.records
    hidden = (records.calling == 0) & (records.direction == OUTBOUND)
    able = np.array([at for at, sbc in enumerate(run.world.sbcs) if can_have("F2", sbc.format)])
    lasts = records.release // 1_000 > records.answer // 1_000
    at = run.pick("F2", count, run.single & records.answered & lasts & ~hidden & (len(able) > 1))
    whole = {name: getattr(records, name)[at] // 1_000 * 1_000 for name in ("start", "answer", "release")}
    run.touch(at, "F2", **whole, reported=np.where(records.answered[at], whole["release"] - whole["answer"], 0))
    own = np.searchsorted(able, records.sbc[at])
    other = able[(own + run.rng.integers(1, len(able), count)) % len(able)]
    late = np.where(whole["answer"] - whole["start"] > _LATER_MS, _LATER_MS, 0)
    twin = run.copy(at, "F2", run.delays(count, 60))
    run.copies.append(twin._replace(sbc=other, start=twin.start + late))


def _contradict(run: Injection, count: int) -> None:
    """The node sends the record again with another duration."""
    at = run.pick("F3", count, run.single & run.records.answered)
    copy = run.copy(at, "F3", run.delays(count, 300))
    longer = 7_000 * np.ones(count, np.int64)
    run.copies.append(copy._replace(release=copy.release + longer, reported=copy.reported + longer))


def _delay(run: Injection, count: int) -> None:
    at = run.pick("F4", count, np.ones(len(run.free), bool))
    run.touch(at, "F4", arrival=run.records.arrival[at] + run.delays(count, 600))


def _turn_back(run: Injection, count: int) -> None:
    at = run.pick("F9", count, run.single & run.records.answered)
    back = run.rng.integers(1, 31, count) * 1_000
    run.touch(at, "F9", release=run.records.answer[at] - back, reported=-back)


def _cut_off(run: Injection, count: int) -> None:
    run.touch(run.pick("F17", count, run.single), "F17")


def _reshape(run: Injection, count: int) -> None:
    run.touch(run.pick("F18", count, run.single), "F18")


def _normal_cause(run: Injection, count: int) -> None:
    at = run.pick("F21_CAUSE", count, run.single & ~run.records.answered)
    run.touch(at, "F21_CAUSE", outcome=np.full(count, outcomes.NORMAL_UNANSWERED))


def _zero_duration(run: Injection, count: int) -> None:
    at = run.pick("F21_ZERO", count, run.single & run.records.answered)
    records = run.records
    talked = records.release[at] - records.answer[at]
    run.touch(at, "F21_ZERO", release=records.answer[at], reported=np.zeros(count, np.int64),
              arrival=records.arrival[at] - talked, written=records.written[at] - talked)  # fmt: skip


def _outbound(run: Injection) -> Mask:
    outbound: Mask = run.single & run.records.answered & (run.records.direction == OUTBOUND)
    return outbound


def _unreadable_number(run: Injection, count: int) -> None:
    at = run.pick("F25_NUMBER", count, _outbound(run))
    run.touch(at, "F25_NUMBER", called=run.world.parties.unreadable.draw(run.rng.random(count)))


def _area_out_of_service(run: Injection, count: int) -> None:
    at = run.pick("F25_AREA", count, _outbound(run))
    run.touch(at, "F25_AREA", called=run.world.parties.out_of_service.draw(run.rng.random(count)))


def _without_stop(run: Injection, count: int) -> None:
    """What would have been the STOP is the START; every other call is heard of once more after a quarter of an hour."""
    at = run.pick("F5", count, run.single & run.records.answered)
    told = run.records.answer[at] + 150
    run.touch(at, "F5", record_type=np.full(count, START), reported=np.zeros(count, np.int64), arrival=told,
              written=told)  # fmt: skip
    again = at[::2]
    interims = run.copy(again, "F5", np.full(len(again), INTERIM_MS))
    run.copies.append(_as_interims(interims._replace(written=interims.arrival)))


def _orphan(run: Injection, count: int) -> None:
    at = run.pick("F6", count, run.single & run.records.answered)
    interims = _as_interims(run.records.take(at))
    run.touch(at, "F6", record_type=interims.record_type, part=interims.part, reported=interims.reported)


def _as_interims(records: Records) -> Records:
    ones = np.ones(len(records.call), np.int64)
    return records._replace(record_type=ones * INTERIM, part=ones, reported=ones * INTERIM_MS)


def _later(name: str, delay_ms: int) -> Callable[[Injection, int], None]:
    def put(run: Injection, count: int) -> None:
        at = run.pick(name, count, run.single)
        run.touch(at, name, arrival=run.records.arrival[at] + delay_ms)

    return put


def _misprint(name: str, at_least_ms: int, misprinted: Callable[[Millis], Millis]) -> Callable[[Injection, int], None]:
    def put(run: Injection, count: int) -> None:
        long_enough = run.records.reported >= at_least_ms
        at = run.pick(name, count, run.single & run.records.answered & long_enough)
        run.touch(at, name, reported=misprinted(run.records.reported[at]))

    return put


def _elsewhen(name: str, shift_ms: int) -> Callable[[Injection, int], None]:
    """The clock of the node is wrong by decades; the record arrives as it should."""

    def put(run: Injection, count: int) -> None:
        at = run.pick(name, count, run.single)
        times = {field: getattr(run.records, field)[at] + shift_ms for field in ("start", "answer", "release")}
        run.touch(at, name, **times)

    return put


def _on_bytes(name: str) -> Callable[[Injection, int], None]:
    """What is done to the bytes, where the format of the node allows it."""

    def put(run: Injection, count: int) -> None:
        run.touch(run.pick(name, count, run.single), name)

    return put


def _long_number(run: Injection, count: int) -> None:
    at = run.pick("F26", count, _outbound(run))
    run.touch(at, "F26", called=run.world.parties.too_long.draw(run.rng.random(count)))


def _failed_route(run: Injection, count: int) -> None:
    """An entry of the route that failed before another one was answered: no part of the call, and no usage."""
    at = run.pick("F23", count, run.single & run.records.answered & (run.records.direction == OUTBOUND))
    tried = run.copy(at, "F23", np.zeros(count, np.int64))
    end = tried.start + (tried.answer - tried.start) // 4
    told, zeros = end + 200, np.zeros(count, np.int64)
    run.copies.append(tried._replace(
        leg=zeros + FIRST_ATTEMPT + 1, record_type=zeros + ATTEMPT, part=zeros + 1, billed=np.zeros(count, bool),
        answer=end, release=end, reported=zeros, outcome=zeros + outcomes.FAILED, mos=zeros, arrival=told, written=told,
    ))  # fmt: skip


def _other_clock(run: Injection, count: int) -> None:
    """The leg on the other side, which bills nothing, by a clock that is two seconds wrong."""
    at = run.pick("F11", count, run.single & run.records.answered)
    wrong = run.rng.choice([-2_000, 2_000], count)
    pair = run.copy(at, "F11", run.delays(count, 2))
    times = {name: getattr(pair, name) + wrong for name in ("start", "answer", "release")}
    run.copies.append(pair._replace(leg=np.full(count, OTHER_LEG), billed=np.zeros(count, bool), **times))


def _twin_call(run: Injection, count: int) -> None:
    """Another call by its ids, the same one by everything else: suspicious, and both are billed."""
    copy = run.copy(run.pick("F28", count, run.single & run.records.answered), "F28", run.delays(count, 60))
    run.copies.append(copy._replace(call=copy.call + TWIN_CALLS))


_FAULTS: Mapping[str, Callable[[Injection, int], None]] = {
    "F14": clock_faults.unclear_hours,
    "F27": node_faults.restart,
    "F14_GAP": clock_faults.missing_hours,
    "F13": over_capacity.exceed_limits,
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
    "F10_BLOCK": _misprint("F10_BLOCK", 12_000, lambda reported: reported * 16 // 10),
    "F10_SECONDS": _misprint("F10_SECONDS", 1_000, lambda reported: reported + 2_000),
    "F16": _on_bytes("F16"),
    "F15": _on_bytes("F15"),
    "F26": _long_number,
    "F28": _twin_call,
    "F12_FUTURE": _elsewhen("F12_FUTURE", TWENTY_YEARS_MS),
    "F12_OLD": _elsewhen("F12_OLD", -TWENTY_YEARS_MS),
    "F26_BYTES": _on_bytes("F26_BYTES"),
    "F7_CLOSED": _later("F7_CLOSED", AFTER_CLOSE_MS),
    "F7_DAY": _later("F7_DAY", DAY_MS),
    "F7_HOUR": _later("F7_HOUR", 3_600_000),
    "F11": _other_clock,
    "F23": _failed_route,
    "F19": node_faults.foreign_lines,
    "F4": _delay,
}
"""The narrowest first, so that each finds records that fit."""


def _with_replay(records: Records, run: Injection, count: int) -> Records:
    """Fault F24: a run of records of one node comes a second time, after everything else."""
    if not count:
        return records
    copied = np.isin(records.call, records.call[records.copy > 0]) | ~np.isin(records.record_type, (STOP, END))
    node = next((at for at, sbc in enumerate(run.world.sbcs) if can_have("F24", sbc.format)), 0)
    sound = np.flatnonzero((records.fault == NO_FAULT) & (records.sbc == node) & ~copied)
    if len(sound) < count:
        raise TooFewRecords("F24", count, len(sound))
    first = int(run.rng.integers(len(sound) - count + 1))
    again = records.take(sound[first : first + count])
    late = records.arrival.max() + 3_600_000 + np.arange(count)
    again = again._replace(arrival=late, fault=np.full(count, run.numbers["F24"]), copy=np.full(count, AGAIN))
    return records.joined(again)
