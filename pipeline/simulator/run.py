"""A whole run: truth, legs, records, faults, then lines by node and hour of arrival."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.simulator.calls import draw_calls
from pipeline.simulator.faults import can_have, inject
from pipeline.simulator.records import Records, records_of
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import HOUR_MS, lines
from pipeline.simulator.world import World
from pipeline.simulator.writers import writer_named

_PURPOSE_RECORDS, _PURPOSE_FAULTS = 1, 2


class Block(NamedTuple):
    """The records of one part of a run, in the order of their arrival."""

    records: Records
    faults: tuple[str, ...]
    """Names of the faults that records point to."""
    before_faults: int
    counts: Mapping[str, int]
    """How many of each fault there are."""


def blocks(world: World) -> Iterator[Block]:
    """Yield the run in parts of equal shares of its time; the next one is drawn while this one is written."""
    count = -(-world.profile.calls // world.profile.block_calls)
    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(_block, world, 0, count)
        for block in range(1, count + 1):
            ready = coming.result()
            if block < count:
                coming = ahead.submit(_block, world, block, count)
            yield ready


def _block(world: World, block: int, count: int) -> Block:
    """Draw one of so many blocks; it depends on no other one."""
    calls = world.profile.calls
    first, end = block * calls // count, (block + 1) * calls // count
    drawn = draw_calls(world, first, end - first, block, count)
    records = records_of(drawn, world, world.generator(block, _PURPOSE_RECORDS))
    counts = possible_counts(world, len(records.call))
    faulty = inject(records, world, counts, world.generator(block, _PURPOSE_FAULTS))
    return Block(faulty.records, tuple(counts), len(records.call), counts)


def possible_counts(world: World, records: int) -> dict[str, int]:
    """How many of each fault so many records have; none of those that no node's format can have."""
    counts = world.profile.fault_counts(records)
    return {fault: n for fault, n in counts.items() if any(can_have(fault, sbc.format) for sbc in world.sbcs)}


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
    for fault, damage in (
        ("F15", writer.rename), ("F16", writer.quote), ("F17", writer.cut_off[0]), ("F18", writer.reshape),
    ):  # fmt: skip
        if damage is None:
            continue
        for at in np.flatnonzero(records.fault == faults.index(fault)) if fault in faults else ():
            values[at] = damage(values[at])
    return values
