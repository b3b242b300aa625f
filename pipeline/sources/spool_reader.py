"""Reading one file of the spool from where the ledger says, in batches of records."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from pipeline.mediation.files import source_of_file
from pipeline.mediation.framing import Frame, lines
from pipeline.mediation.line_blocks import LineBlock, read_block
from pipeline.mediation.raw import RawBatch
from pipeline.mediation.registry import format_named
from pipeline.settings import Source
from pipeline.sources.spool_files import FoundFile


class SpoolReader:
    """Where one file has been read to. It is opened again for every look, so it may grow and be renamed."""

    def __init__(self, partition: str, line: int | None) -> None:
        self.partition = partition
        self.line = line or 0
        """Number of the last line that has been read."""
        self._position = 0
        self._is_placed = not self.line
        self._source: Source | None = None

    def read(self, found: FoundFile, records: int, received_at: datetime, *, final: bool) -> RawBatch | None:
        """The next records, at most that many; None when there is none. `line` stands behind them."""
        block = self._block(found, records)
        if block is not None:
            self.line, self._position = block.lines, block.end
            return RawBatch(self.partition, block.numbers, block.values, [received_at] * len(block.values))
        frames = list(islice(self._frames(found, final=final), records))
        if not frames:
            return None
        self.line, self._position, self._is_placed = frames[-1].line, frames[-1].end, True
        return RawBatch(
            self.partition,
            [frame.line for frame in frames],
            [frame.value for frame in frames],
            [received_at] * len(frames),
        )

    def settings(self, found: FoundFile) -> Source:
        """The source, with what this file says of its own records."""
        if self._source is None:
            with found.path.open("rb") as stream:
                self._source = source_of_file(found.source, stream)
        return self._source

    def has_read_all(self, found: FoundFile) -> bool:
        """Whether the file has no byte behind what was read."""
        return self._is_placed and self._position >= found.bytes

    def _block(self, found: FoundFile, records: int) -> LineBlock | None:
        """Many lines at once, where each line is a record and none is half written."""
        if not self._is_placed or format_named(found.source.format).frames is not lines:
            return None
        with found.path.open("rb") as stream:
            stream.seek(self._position)
            return read_block(stream, self.line, records)

    def _frames(self, found: FoundFile, *, final: bool) -> Iterator[Frame]:
        frame = format_named(found.source.format).frames
        with found.path.open("rb") as stream:
            if self._is_placed:
                stream.seek(self._position)
                yield from frame(stream, lines_before=self.line, final=final)
                return
            for found_frame in frame(stream, final=final):
                if found_frame.line > self.line:
                    yield found_frame
