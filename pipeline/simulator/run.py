"""A whole run: truth, legs, records, faults, then lines by node and hour of arrival."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import count
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.simulator.calls import draw_calls
from pipeline.simulator.clock_faults import behind_missing_hour
from pipeline.simulator.faults import Faulty, can_have, inject
from pipeline.simulator.node_faults import files_with_trailers
from pipeline.simulator.parties import Positions
from pipeline.simulator.records import FOREIGN, RESTART, Records, records_of
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import HOUR_MS, lines
from pipeline.simulator.world import World
from pipeline.simulator.writers import writer_named
from pipeline.simulator.writing import NODE, Writer

_PURPOSE_RECORDS, _PURPOSE_FAULTS = 1, 2
FILES_PER_WRONG_TRAILER = 500
MISSING_HOURS_ONE_IN = 4
"""One in so many records behind a missing hour is of a clock that was not set (fault F14_GAP)."""
_WEEK_DAYS = 7
RECORD_BYTES_MAX = 64 * 1024
"""A longer record is no record of a CDR (mediation.md R54)."""


class Block(NamedTuple):
    """The records of one part of a run, in the order of their arrival."""

    records: Records
    faults: tuple[str, ...]
    """Names of the faults that records point to."""
    before_faults: int
    counts: Mapping[str, int]
    """How many of each fault there are."""
    lost: Records
    """What the nodes numbered and never sent."""


def blocks(world: World) -> Iterator[Block]:
    """Yield the run in parts of equal shares of its time; the next one is drawn while this one is written."""
    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(_block, world, 0)
        before = np.zeros(len(world.sbcs), np.int64)
        for block in count(1):
            ready = coming.result()
            is_last = block == world.block_count
            if not is_last:
                coming = ahead.submit(_block, world, block)
            yield _numbered_on(ready, before)
            before = np.maximum(before, _last_numbers(ready, len(before)))
            if is_last:
                return


def _numbered_on(block: Block, before: Positions) -> Block:
    """The block with its sequence numbers behind those of the blocks before."""
    for records in (block.records, block.lost):
        records.sequence[:] += before[records.sbc]
    return block


def _last_numbers(block: Block, nodes: int) -> Positions:
    """The last number of each node."""
    last = np.zeros(nodes, np.int64)
    for records in (block.records, block.lost):
        np.maximum.at(last, records.sbc, records.sequence)
    return last


def _block(world: World, block: int) -> Block:
    """Draw one block; it depends on no other one."""
    calls, blocks = world.profile.calls, world.block_count or 1
    first, end = block * calls // blocks, (block + 1) * calls // blocks
    drawn = draw_calls(world, first, end - first, block)
    records = records_of(drawn, world, world.generator(block, _PURPOSE_RECORDS))
    counts = possible_counts(world, records)
    faulty = inject(records, world, counts, world.generator(block, _PURPOSE_FAULTS))
    return Block(faulty.records, tuple(counts), len(records.call), _found(faulty, counts), faulty.lost)


def possible_counts(world: World, records: Records) -> dict[str, int]:
    """How many of each fault these records have; none of those that no node's format can have.

    Of restarts there is one a node and week, of wrong trailers one in FILES_PER_WRONG_TRAILER files, at least one of
    each. Fault F14 is counted when the stamps are known: all records that stand in an unclear hour have it.
    """
    counts = world.profile.fault_counts(len(records.call))
    formats = [sbc.format for sbc in world.sbcs]
    able = {fault: sum(can_have(fault, name) for name in formats) for fault in counts}
    counts = {fault: n for fault, n in counts.items() if able[fault] > (fault == "F2")}
    if "F14" in counts:
        counts |= {"F14": 1, "F14_GAP": int(behind_missing_hour(records, world).sum()) // MISSING_HOURS_ONE_IN}
    if world.profile.one_of_each:
        return counts
    if "F20" in counts:
        counts["F20"] = max(1, round(files_with_trailers(records, formats) / FILES_PER_WRONG_TRAILER))
    if "F27" in counts:
        days = 1 if world.profile.is_endless else world.profile.days
        counts["F27"] = max(1, round(Fraction(able["F27"] * days, _WEEK_DAYS)))
    return counts


def _found(faulty: Faulty, counts: Mapping[str, int]) -> dict[str, int]:
    """The counts, with that of fault F14, which falls on every record of an unclear hour."""
    found = dict(counts)
    if "F14" in found:
        found["F14"] = int((faulty.records.fault == [*counts].index("F14")).sum())
    return found


def by_node(block: Block, world: World) -> Iterator[tuple[Sbc, Records]]:
    """What each node writes of a block, in the order of arrival."""
    if len(world.sbcs) == 1:
        yield world.sbcs[0], block.records
        return
    for number, sbc in enumerate(world.sbcs):
        yield sbc, block.records.take(np.flatnonzero(block.records.sbc == number))


def hours(records: Records) -> Iterator[tuple[int, int, int]]:
    """Cut records into hours of arrival: the hour since 1970, first position, position behind the last."""
    hour = records.arrival // HOUR_MS
    edges = np.flatnonzero(np.diff(hour, prepend=-1)).tolist()
    for start, end in zip(edges, [*edges[1:], len(hour)], strict=True):
        yield int(hour[start]), start, end


def text_of(records: Records, world: World, sbc: Sbc) -> pa.ChunkedArray:
    """One line with its line end for each record, without any damage."""
    writer = writer_named(sbc.format)
    if writer.groups is None:
        return pa.chunked_array(lines(writer.parts(records, world, sbc), len(records.call)), pa.string())
    number = writer.groups(records)
    kinds = [np.flatnonzero(number == kind) for kind in np.unique(number)]
    texts = [list(lines(writer.parts(records.take(at), world, sbc), len(at))) for at in kinds]
    order = np.argsort(np.concatenate([*kinds, []])).astype(np.int64)
    return pa.chunked_array([array for text in texts for array in text], pa.string()).take(pa.array(order))


def values_of(records: Records, world: World, sbc: Sbc, faults: tuple[str, ...]) -> list[bytes]:
    """The bytes of each record without its line end, damaged where a fault says so."""
    writer = writer_named(sbc.format)
    values = [
        value.removesuffix(writer.line_end) for value in text_of(records, world, sbc).cast(pa.binary()).to_pylist()
    ]
    for at in np.flatnonzero(records.record_type == FOREIGN):
        values[at] = writer.foreign or b""
    for at in np.flatnonzero(records.record_type == RESTART):
        values[at] = writer.restart[records.part[at]].replace(NODE.encode(), sbc.node.encode())
    for fault, damage in _damages(writer).items():
        if damage is None:
            continue
        for at in np.flatnonzero(records.fault == faults.index(fault)) if fault in faults else ():
            values[at] = damage(values[at])
    return values


def _damages(writer: Writer) -> Mapping[str, Callable[[bytes], bytes] | None]:
    """What each fault does to the bytes of a record."""
    return {
        "F14_GAP": writer.missing_hour, "F15": writer.rename, "F16": writer.quote, "F17": writer.cut_off[0],
        "F18": writer.reshape, "F26_BYTES": lambda value: value.ljust(RECORD_BYTES_MAX + 1),
    }  # fmt: skip
