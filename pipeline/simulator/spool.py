"""Write a run into a spool folder: a sub-folder for each source, a file for each hour of arrival, the truth beside."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.simulator.records import Records
from pipeline.simulator.run import Block, blocks, by_node, hours, text_of, values_of
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.truth import TRUTH_SCHEMA, Written, truth_table
from pipeline.simulator.world import World
from pipeline.simulator.writers import writer_named
from pipeline.simulator.writing import Writer


class Simulated(NamedTuple):
    """What was written."""

    calls: int
    records: int
    before_faults: int
    files: int
    faults: dict[str, int]
    truth: Path | None


def write_spool(world: World, folder: Path, truth: Path | None, progress: Callable[[int], None]) -> Simulated:
    """Write all files of a run and its truth table. `progress` is told the records of each file."""
    run = _SpoolRun(world, folder, progress)
    if truth is None or not world.profile.has_truth:
        for block in blocks(world):
            run.write(block, None)
        return run.result(None)
    truth.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(truth, TRUTH_SCHEMA, compression="zstd") as table:
        for block in blocks(world):
            run.write(block, table)
    return run.result(truth)


def write_truth(world: World, truth: Path) -> None:
    """Write the truth table alone, of a run that is sent and not kept in files."""
    truth.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(truth, TRUTH_SCHEMA, compression="zstd") as table:
        for block in blocks(world):
            for sbc, records in by_node(block, world):
                values = values_of(records, world, sbc, block.faults)
                numbers = list(range(1, len(values) + 1))
                written = Written(records, values, sbc, writer_named(sbc.format), [sbc.source] * len(values), numbers)
                table.write_table(truth_table(written, world, block.faults))


class _SpoolRun:
    """The files of a run while they are written."""

    def __init__(self, world: World, folder: Path, progress: Callable[[int], None]) -> None:
        self._world, self._folder, self._progress = world, folder, progress
        self._lines: dict[Path, int] = {}
        self._before = 0
        self._faults: dict[str, int] = {}
        for sbc in world.sbcs:
            (folder / sbc.source).mkdir(parents=True, exist_ok=True)

    def write(self, block: Block, table: pq.ParquetWriter | None) -> None:
        """Write the files of one block, and its part of the truth."""
        self._before += block.before_faults
        for fault, count in block.counts.items():
            self._faults[fault] = self._faults.get(fault, 0) + count
        for sbc, records in by_node(block, self._world):
            if table is None:
                text = text_of(records, self._world, sbc)
                for path, start, end in self._places(sbc, records):
                    _append(path, text.slice(start, end - start))
                continue
            values = values_of(records, self._world, sbc, block.faults)
            written = Written(records, values, sbc, writer_named(sbc.format), [], [])
            for path, start, end in self._places(sbc, records):
                name, before = f"{sbc.source}/{path.name}", self._lines[path] - (end - start)
                written.files.extend([name] * (end - start))
                written.lines.extend(line_numbers(written.writer, before, end - start))
                with path.open("ab") as file:
                    file.writelines(value + written.writer.line_end for value in values[start:end])
            table.write_table(truth_table(written, self._world, block.faults))

    def _places(self, sbc: Sbc, records: Records) -> Iterator[tuple[Path, int, int]]:
        """The file of each hour, and which records go there."""
        for hour, start, end in hours(records):
            path = self._folder / sbc.source / file_name(sbc, hour)
            self._lines[path] = self._lines.get(path, 0) + end - start
            yield path, start, end
            self._progress(end - start)

    def result(self, truth: Path | None) -> Simulated:
        """What has been written so far."""
        records = sum(self._lines.values())
        return Simulated(self._world.profile.calls, records, self._before, len(self._lines), self._faults, truth)


def line_numbers(writer: Writer, before: int, count: int) -> range:
    """The last lines of so many records behind `before` others; a blank line behind a record is not its own."""
    first = (before + 1) * writer.lines - (writer.lines > 1)
    return range(first, first + count * writer.lines, writer.lines)


def file_name(sbc: Sbc, hour: int) -> str:
    """`cdr-20261005T13.json`: the hour, UTC, in which its records arrived."""
    begun = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
    return f"cdr-{begun:%Y%m%dT%H}.{writer_named(sbc.format).suffix}"


def _append(path: Path, text: pa.ChunkedArray) -> None:
    """The characters of an Arrow column are, end to end, what its lines are in a file."""
    with path.open("ab") as file:
        for array in text.chunks:
            _, offsets, characters = array.buffers()
            ends = np.frombuffer(offsets, np.int32)
            file.write(memoryview(characters)[ends[array.offset] : ends[array.offset + len(array)]])
