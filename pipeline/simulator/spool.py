"""Write a run into a spool folder: a sub-folder for each source, a file for each hour of arrival, the truth beside."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.simulator.records import Records
from pipeline.simulator.run import Block, blocks, by_node, hours, text_of, values_of
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.truth import TRUTH_SCHEMA, Written, lost_table, truth_table
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
            _write_lost(block, world, table)


def _write_lost(block: Block, world: World, table: pq.ParquetWriter) -> None:
    """What never arrives has no file and no line."""
    for number, sbc in enumerate(world.sbcs):
        records = block.lost.take(block.lost.sbc == number)
        if count := len(records.call):
            values = values_of(records, world, sbc, block.faults)
            nowhere = Written(records, values, sbc, writer_named(sbc.format), [None] * count, [None] * count)
            table.write_table(lost_table(nowhere, world, block.faults))


class _Totals(NamedTuple):
    """What the trailer of a file has to tell."""

    records: int = 0
    seconds: int = 0
    is_wrong: bool = False


class _SpoolRun:
    """The files of a run while they are written."""

    def __init__(self, world: World, folder: Path, progress: Callable[[int], None]) -> None:
        self._world, self._folder, self._progress = world, folder, progress
        self._records: dict[Path, int] = {}
        self._lines: dict[Path, int] = {}
        self._totals: dict[Path, _Totals] = {}
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
            writer = writer_named(sbc.format)
            if table is None and writer.wrap is None:
                text = text_of(records, self._world, sbc)
                for path, start, end in self._places(sbc, records):
                    _append(path, text.slice(start, end - start))
                continue
            values = values_of(records, self._world, sbc, block.faults)
            files: list[str] = []
            numbers: list[int] = []
            for path, start, end in self._places(sbc, records):
                if writer.wrap is not None:
                    wrong = block.faults.index("F20") if "F20" in block.faults else None
                    self._add_up(path, writer, values[start:end], is_wrong=records.fault[start] == wrong)
                files.extend([f"{sbc.source}/{path.name}"] * (end - start))
                numbers.extend(self._numbers(path, values[start:end], writer))
                with path.open("ab") as file:
                    file.writelines(value + writer.line_end for value in values[start:end])
            if table is not None:
                written = Written(records, values, sbc, writer, files, numbers)
                table.write_table(truth_table(written, self._world, block.faults))
        if table is not None:
            _write_lost(block, self._world, table)

    def _places(self, sbc: Sbc, records: Records) -> Iterator[tuple[Path, int, int]]:
        """The file of each hour, and which records go there."""
        for hour, start, end in hours(records):
            path = self._folder / sbc.source / file_name(sbc, hour)
            self._records[path] = self._records.get(path, 0) + end - start
            yield path, start, end
            self._progress(end - start)

    def _numbers(self, path: Path, values: Sequence[bytes], writer: Writer) -> Sequence[int]:
        """The last line of each of these records, which stand behind the lines that the file has."""
        before = self._lines.get(path, 0)
        numbers = line_numbers(values, before, writer)
        self._lines[path] = before + sum(value.count(b"\n") for value in values) + len(values) * len(writer.line_end)
        return numbers

    def _add_up(self, path: Path, writer: Writer, values: Sequence[bytes], *, is_wrong: bool) -> None:
        """Count for the trailer; a new file begins with its header."""
        if writer.wrap is None or writer.totals is None:
            return
        if path not in self._totals:
            path.write_bytes(writer.wrap(0, 0)[0])
            self._lines[path] = 1
        before, (records, seconds) = self._totals.get(path, _Totals()), writer.totals(values)
        self._totals[path] = _Totals(before.records + records, before.seconds + seconds, before.is_wrong or is_wrong)

    def _end_files(self) -> None:
        """Write the trailers; one with wrong totals misses a record."""
        wraps = {sbc.source: writer_named(sbc.format).wrap for sbc in self._world.sbcs}
        for path, totals in self._totals.items():
            wrap = wraps[path.parent.name]
            if wrap is not None:
                with path.open("ab") as file:
                    file.write(wrap(totals.records + totals.is_wrong, totals.seconds)[1])

    def result(self, truth: Path | None) -> Simulated:
        """End the files, and tell what has been written."""
        self._end_files()
        records = sum(self._records.values())
        return Simulated(self._world.profile.calls, records, self._before, len(self._records), self._faults, truth)


def line_numbers(values: Sequence[bytes], before: int, writer: Writer) -> list[int]:
    """The last line of each record behind so many lines; a blank line behind a record is not its own."""
    blank = len(writer.line_end) - 1
    own = np.array([value.count(b"\n") + 1 for value in values], np.int64)
    numbers: list[int] = (before + np.cumsum(own + blank) - blank).tolist()
    return numbers


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
