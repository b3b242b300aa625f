"""Faults of nodes and files rather than of single records: gaps, restarts, foreign lines, wrong trailers."""

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.simulator.calls import Mask
from pipeline.simulator.injection import AGAIN, FURTHER, NO_FAULT, Injection, TooFewRecords, can_have
from pipeline.simulator.parties import Positions
from pipeline.simulator.records import FOREIGN, INTERIM, INTERIM_MS, RESTART, START, STOP, Records
from pipeline.simulator.texts import HOUR_MS

GAP_RECORDS_MAX = 20
CLOSES_AFTER_MS = 86_400_000
"""The records of a gap that closes come a day late."""
_TALK_MS_MIN = 8_000
_CALLS_AT_RESTART_MAX = 5
_UP_AGAIN_MS = 20_000


def renumbered(records: Records, run: Injection, sent_again: Sequence[str]) -> Records:
    """Number the records of each node in the order of writing; one that is sent again keeps its number."""
    lines = np.isin(records.record_type, (FOREIGN, RESTART))
    numbers = [run.numbers[fault] for fault in sent_again if fault in run.numbers]
    again = np.isin(records.fault, numbers) & (records.copy == AGAIN)
    sequence = np.zeros(len(records.call), np.int64)
    for node in range(len(run.world.sbcs)):
        at = np.flatnonzero((records.sbc == node) & ~lines & ~again)
        sequence[at[np.argsort(records.written[at], kind="stable")]] = np.arange(1, len(at) + 1)
    first = {key: sequence[at] for at, key in _keys(records, ~again & np.isin(records.call, records.call[again]))}
    for repeated, key in _keys(records, again):
        sequence[repeated] = first[key]
    return records._replace(sequence=sequence)


def _keys(records: Records, wanted: Mask) -> list[tuple[int, tuple[int, ...]]]:
    at = np.flatnonzero(wanted)
    columns = (records.call, records.leg, records.record_type, records.part, records.sbc)
    return list(zip(at.tolist(), zip(*(column[at].tolist() for column in columns), strict=True), strict=True))


def with_gaps(records: Records, run: Injection, counts: Mapping[str, int]) -> tuple[Records, Records]:
    """Fault F8: ranges of up to twenty numbers that never arrive, and others that arrive a day late."""
    lost = np.zeros(len(records.call), bool)
    taken = np.zeros(len(records.call), bool)
    for fault in ("F8", "F8_CLOSED"):
        for _ in range(counts.get(fault, 0)):
            at = _gap(records, run, fault, taken)
            records.fault[at] = run.numbers[fault]
            if fault == "F8":
                lost[at] = True
            else:
                records.arrival[at] += CLOSES_AFTER_MS
    return records.take(~lost), records.take(lost)


def _gap(records: Records, run: Injection, fault: str, taken: Mask) -> Positions:
    """Consecutive records of one node without a fault, and sound ones on both sides of them."""
    nodes = [at for at, sbc in enumerate(run.world.sbcs) if can_have(fault, sbc.format)]
    alone = np.bincount(records.call - records.call.min(initial=0))[records.call - records.call.min(initial=0)] == 1
    sound = alone & (records.fault == NO_FAULT) & (records.record_type == STOP) & ~taken
    length = int(run.rng.integers(1, GAP_RECORDS_MAX + 1))
    while length:
        for node in run.rng.permutation(nodes).tolist():
            at = np.flatnonzero((records.sbc == node) & (records.sequence > 0))
            at = at[np.argsort(records.sequence[at], kind="stable")]
            if len(at) < length + 2:
                continue
            sound_ones = np.convolve(sound[at], np.ones(length + 2, np.int64), "valid")
            starts = np.flatnonzero(sound_ones == length + 2)
            if len(starts):
                first = int(run.rng.choice(starts))
                taken[at[first : first + length + 2]] = True
                return at[first + 1 : first + 1 + length]
        length //= 2
    raise TooFewRecords(fault, 1, 0)


def with_wrong_totals(records: Records, run: Injection, count: int) -> Records:
    """Fault F20: so many files with a trailer of wrong totals; none of their records has another fault."""
    if not count:
        return records
    hour = records.arrival // HOUR_MS
    copied = np.isin(records.call, records.call[(records.copy > 0) | (records.record_type != STOP)])
    clean = (records.fault == NO_FAULT) & ~copied
    nodes = [at for at, sbc in enumerate(run.world.sbcs) if can_have("F20", sbc.format)]
    files = np.unique(np.stack([records.sbc, hour])[:, np.isin(records.sbc, nodes)], axis=1).T
    fit = [(node, at) for node, at in files.tolist() if clean[(records.sbc == node) & (hour == at)].all()]
    if len(fit) < count:
        raise TooFewRecords("F20", count, len(fit))
    for chosen in run.rng.choice(len(fit), count, replace=False).tolist():
        node, at = fit[chosen]
        records.fault[(records.sbc == node) & (hour == at)] = run.numbers["F20"]
    return records


def files_with_trailers(records: Records, run_sbcs: Sequence[str]) -> int:
    """How many files of an hour each the nodes of these formats write, where a file has a trailer."""
    nodes = [at for at, name in enumerate(run_sbcs) if can_have("F20", name)]
    mine = np.isin(records.sbc, nodes)
    return len(np.unique(np.stack([records.sbc[mine], records.arrival[mine] // HOUR_MS]), axis=1).T)


def foreign_lines(run: Injection, count: int) -> None:
    """Fault F19: headers and lines of others among the records."""
    at = run.pick("F19", count, run.single)
    copies = run.copy(at, "F19", run.rng.integers(0, 100, count))
    run.copies.append(copies._replace(record_type=np.full(count, FOREIGN)))


def restart(run: Injection, count: int) -> None:
    """Fault F27: a node goes down while calls are in progress whose START it has told, and comes up again."""
    records = run.records
    for _ in range(count):
        (at,) = run.pick("F27", 1, run.single & records.answered & (records.release - records.answer > _TALK_MS_MIN))
        down = int(records.answer[at] + records.release[at]) // 2
        open_then = (records.answer < down - 1_000) & (records.release > down) & (records.sbc == records.sbc[at])
        others = np.flatnonzero(open_then & run.single & records.answered & run.free)[: _CALLS_AT_RESTART_MAX - 1]
        run.free[others] = False
        lines = run.copy(np.array([at, at]), "F27", np.zeros(2, np.int64))
        moments = down + np.array([0, _UP_AGAIN_MS])
        cut = np.array([at, *others.tolist()])
        run.copies += [_interims_until(run, cut, down), lines._replace(
            record_type=np.full(2, RESTART), part=np.arange(2), arrival=moments, start=moments, answer=moments,
            release=moments,
        )]  # fmt: skip
        told = records.answer[cut] + 150
        run.touch(cut, "F27", record_type=np.full(len(cut), START), reported=np.zeros(len(cut), np.int64),
                  arrival=told, written=told)  # fmt: skip


def _interims_until(run: Injection, at: Positions, down: int) -> Records:
    """What each call had told before: an INTERIM for every quarter of an hour."""
    quarters = (down - run.records.answer[at]) // INTERIM_MS
    each = np.repeat(at, quarters)
    part = np.concatenate([np.arange(1, number + 1) for number in quarters.tolist()] or [np.zeros(0, np.int64)])
    copies = run.copy(each, "F27", np.zeros(len(each), np.int64))
    part = part.astype(np.int64)
    return copies._replace(
        record_type=np.full(len(each), INTERIM), part=part, reported=part * INTERIM_MS,
        arrival=copies.answer + part * INTERIM_MS + 150, written=copies.answer + part * INTERIM_MS + 150,
        copy=np.full(len(each), FURTHER),
    )  # fmt: skip
