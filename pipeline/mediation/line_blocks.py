"""Many lines of a file at once: the fast twin of `framing.lines`, for files of one record a line."""

from collections.abc import Sequence
from typing import BinaryIO, NamedTuple

from pipeline.mediation.texts import RECORD_BYTES_MAX

BLOCK_BYTES = 16 << 20
"""Bytes that are read at once; a longer line is left to `framing.lines`."""


class LineBlock(NamedTuple):
    """Consecutive lines that are records, and where reading goes on."""

    numbers: Sequence[int]
    values: Sequence[bytes]
    end: int
    """File position behind the last line."""
    lines: int
    """Number of the last line, blank ones included."""


def read_block(stream: BinaryIO, lines_before: int, most: int, block_bytes: int = BLOCK_BYTES) -> LineBlock | None:
    """The next complete lines from where the stream stands, at most `most`; None where `lines` has to read them.

    That is the case at the end of the file, where a last line may have no end, and before an endless line.
    """
    start = stream.tell()
    block = stream.read(block_bytes)
    end = block.rfind(b"\n")
    if end < 0:
        return None
    cut = block[:end].split(b"\n")[:most]
    position = start + sum(map(len, cut)) + len(cut)
    values = [line.rstrip(b"\r")[: RECORD_BYTES_MAX + 1] for line in cut] if b"\r" in block else _shortened(cut)
    numbers: Sequence[int] = range(lines_before + 1, lines_before + len(cut) + 1)
    records = [at for at, value in enumerate(values) if value.strip()]
    if len(records) < len(values):
        numbers, values = [numbers[at] for at in records], [values[at] for at in records]
    return LineBlock(numbers, values, position, lines_before + len(cut))


def _shortened(lines: list[bytes]) -> list[bytes]:
    """Longer lines are cut off behind the byte that makes them too long."""
    if max(map(len, lines)) <= RECORD_BYTES_MAX:
        return lines
    return [line[: RECORD_BYTES_MAX + 1] for line in lines]
