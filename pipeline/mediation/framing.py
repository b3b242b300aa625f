"""How the bytes of a file are cut into records: by line, by paragraph, or by JSON document.

Memory is bounded whatever the file holds: a record longer than `RECORD_BYTES_MAX` is cut off behind that many bytes
plus one, which makes it TOO_LONG when it is parsed, and reading goes on behind it.
"""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple, Protocol

from pipeline.mediation.texts import RECORD_BYTES_MAX


class Frame(NamedTuple):
    """One record of a file."""

    value: bytes
    """Its bytes without the line end."""
    line: int
    """Number of its last line, from 1: the record's offset."""
    end: int
    """File position behind it, where reading may go on."""


class Framing(Protocol):
    """Cuts a stream into records, from where it stands; blank lines are no records."""

    def __call__(self, stream: BinaryIO, *, lines_before: int = 0, final: bool = True) -> Iterator[Frame]:
        """Yield records. `lines_before` counts the lines in front of the stream's position.

        A record that may still grow, because its end is missing, is left for later unless the file is `final`.
        """


class Line(NamedTuple):
    """One line of a file; `complete` when its line end is there."""

    value: bytes
    number: int
    end: int
    complete: bool


def lines(stream: BinaryIO, *, lines_before: int = 0, final: bool = True) -> Iterator[Frame]:
    """Each line is a record."""
    for line in read_lines(stream, lines_before):
        if (line.complete or final) and line.value.strip():
            yield Frame(line.value, line.number, line.end)


def paragraphs(stream: BinaryIO, *, lines_before: int = 0, final: bool = True) -> Iterator[Frame]:
    """A blank line ends a record."""
    return _collected(stream, lines_before, final=final, begins=_never, ends=_is_blank)


def json_documents(stream: BinaryIO, *, lines_before: int = 0, final: bool = True) -> Iterator[Frame]:
    """A record begins with a line whose first character is `{`; it is closed there, or by a line that begins with `}`.

    A document that is never closed ends where the next one begins.
    """
    return _collected(stream, lines_before, final=final, begins=_opens_document, ends=_closes_document)


def xml_elements(tag: str) -> Framing:
    """A record ends with the line that holds `</tag>`; what stands around the elements goes with the next one.

    An element that is never closed ends where the next one begins.
    """
    opening, closing = re.compile(rf"<{tag}[\s>/]".encode()), f"</{tag}>".encode()

    def cut(stream: BinaryIO, *, lines_before: int = 0, final: bool = True) -> Iterator[Frame]:
        is_open = False

        def begins(line: Line) -> bool:
            nonlocal is_open
            opens = opening.search(line.value) is not None
            begins_again = is_open and opens
            is_open = (is_open or opens) and closing not in line.value
            return begins_again

        return _collected(stream, lines_before, final=final, begins=begins, ends=lambda line: closing in line.value)

    return cut


def read_lines(stream: BinaryIO, lines_before: int) -> Iterator[Line]:
    """Yield the lines with their ends taken off; an endless one is cut off and the rest of it passed over."""
    position, number = stream.tell(), lines_before
    while chunk := stream.readline(RECORD_BYTES_MAX + 1):
        length, complete = len(chunk), chunk.endswith(b"\n")
        while not complete and (rest := stream.readline(RECORD_BYTES_MAX)):
            length, complete = length + len(rest), rest.endswith(b"\n")
        position, number = position + length, number + 1
        yield Line(chunk.rstrip(b"\r\n"), number, position, complete)


class Collector:
    """The lines of a record so far, never more bytes of them than a record may have."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._held: list[bytes] = []
        self._last: Line | None = None
        self._size = 0

    def __bool__(self) -> bool:
        return self._last is not None

    def add(self, line: Line) -> None:
        """Take the next line; beyond the limit only its place is kept."""
        if self._size <= RECORD_BYTES_MAX:
            self._held.append(line.value)
            self._size += len(line.value) + 1
        self._last = line

    def take(self) -> Iterator[Frame]:
        """Yield the record, if there is one, and begin the next."""
        if self._last is not None:
            yield Frame(b"\n".join(self._held)[: RECORD_BYTES_MAX + 1], self._last.number, self._last.end)
        self._begin()


def _collected(
    stream: BinaryIO,
    lines_before: int,
    *,
    final: bool,
    begins: Callable[[Line], bool],
    ends: Callable[[Line], bool],
) -> Iterator[Frame]:
    record = Collector()
    for line in read_lines(stream, lines_before):
        if begins(line):
            yield from record.take()
        if line.value.strip():
            record.add(line)
        if line.complete and ends(line):
            yield from record.take()
    if final:
        yield from record.take()


def _never(_: Line) -> bool:
    return False


def _is_blank(line: Line) -> bool:
    return not line.value.strip()


def _opens_document(line: Line) -> bool:
    return line.value.startswith(b"{")


def _closes_document(line: Line) -> bool:
    return line.value.startswith((b"{", b"}")) and line.value.rstrip().endswith(b"}")
