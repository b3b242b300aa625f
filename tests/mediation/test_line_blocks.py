"""Many lines at once are the lines one by one."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mediation.framing import lines
from pipeline.mediation.line_blocks import read_block
from pipeline.mediation.texts import RECORD_BYTES_MAX

pieces = st.lists(st.sampled_from([b"a", b"bb", b"\n", b"\r\n", b"\r", b" ", b"\t\n", b"\x00", b"\n\n"]), max_size=30)


def in_blocks(content: bytes, most: int, block_bytes: int) -> tuple[list[tuple[int, bytes]], int, int]:
    """All blocks of a file: numbers and values, the lines read, and the position behind them."""
    stream, found, line = io.BytesIO(content), [], 0
    position = 0
    while True:
        stream.seek(position)
        block = read_block(stream, line, most, block_bytes)
        if block is None:
            return found, line, position
        found += zip(block.numbers, block.values, strict=True)
        line, position = block.lines, block.end


@given(pieces, st.integers(1, 5), st.integers(1, 12))
def test_blocks_are_the_lines_one_by_one(content, most, block_bytes):
    """Any file in blocks of any size: the same records under the same numbers, up to where `lines` takes over."""
    text = b"".join(content)
    found, line, position = in_blocks(text, most, block_bytes)
    rest = io.BytesIO(text)
    rest.seek(position)
    found += [(frame.line, frame.value) for frame in lines(rest, lines_before=line)]
    assert [(frame.line, frame.value) for frame in lines(io.BytesIO(text))] == found


@pytest.mark.parametrize("extra", [0, 1, 1_000])
def test_a_line_that_is_too_long_is_cut(extra):
    """Behind the byte that makes it TOO_LONG, as `lines` does it; the next line is unharmed."""
    content = b"x" * (RECORD_BYTES_MAX + extra) + b"\nnext\n"
    found, _, _ = in_blocks(content, 10, 1 << 20)
    assert [(frame.line, frame.value) for frame in lines(io.BytesIO(content))] == found
    assert (RECORD_BYTES_MAX + min(extra, 1), b"next") == (len(found[0][1]), found[1][1])


def test_half_a_line_is_no_block():
    """It may still grow."""
    assert None is read_block(io.BytesIO(b"half"), 0, 10)


def test_lines_are_counted_with_the_blank_ones():
    """The number of a record is that of its line in the file."""
    block = read_block(io.BytesIO(b"\n\na\n\nb\n\n"), 7, 10)
    assert ([10, 12], [b"a", b"b"], 13, 8) == (list(block.numbers), block.values, block.lines, block.end)


def test_no_more_than_asked_for():
    """Reading goes on behind the last line that was taken."""
    block = read_block(io.BytesIO(b"a\nb\nc\n"), 0, 2)
    assert ([b"a", b"b"], 4) == (block.values, block.end)
