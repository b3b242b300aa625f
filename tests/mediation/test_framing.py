"""Files cut into records: by line, paragraph, JSON document and XML element, complete, growing and hostile."""

import io
import tracemalloc
from typing import Any

import pytest

from pipeline.mediation.framing import Frame, Framing, json_documents, lines, paragraphs, xml_elements
from pipeline.mediation.texts import RECORD_BYTES_MAX


def cut(framing: Framing, content: bytes, *, lines_before: int = 0, final: bool = True) -> list[Frame]:
    return list(framing(io.BytesIO(content), lines_before=lines_before, final=final))


def values(framing: Framing, content: bytes, *, final: bool = True) -> list[bytes]:
    return [frame.value for frame in cut(framing, content, final=final)]


def test_lines_have_numbers_and_ends() -> None:
    """Three lines with a blank one between: records 1, 3 and 4, each with the position behind it."""
    assert [Frame(b"a", 1, 2), Frame(b"bb", 3, 6), Frame(b"c", 4, 8)] == cut(lines, b"a\n\nbb\nc\n")


def test_line_ends_of_windows_are_taken_off() -> None:
    """CRLF and a lone CR at the end belong to the line end, not to the record."""
    assert [b"a", b"b", b"c"] == values(lines, b"a\r\nb\r\nc\r")


def test_half_written_last_line_waits() -> None:
    """A line without its end may still grow: it is left for later, unless the file is final."""
    assert [b"a"] == values(lines, b"a\nhalf a rec", final=False)
    assert [b"a", b"half a rec"] == values(lines, b"a\nhalf a rec")


def test_reading_goes_on_where_it_stopped() -> None:
    """From the end of the second line on, with its line number, come the same frames as from the start."""
    content = b"one\ntwo\nthree\nfour\n"
    whole = cut(lines, content)
    stream = io.BytesIO(content)
    stream.seek(whole[1].end)
    assert whole[2:] == list(lines(stream, lines_before=whole[1].line))


def test_empty_file_and_blank_lines_have_no_records() -> None:
    """Nothing, and nothing but blanks, are no records in any framing."""
    for framing in (lines, paragraphs, json_documents, xml_elements("cdr")):
        assert [] == cut(framing, b"")
        assert [] == cut(framing, b"\n  \n\r\n\t\n")


def test_an_endless_line_is_cut_off_and_the_next_is_unharmed() -> None:
    """A line of 1 MB gives one frame of 64 KiB and a byte, which makes it TOO_LONG, and reading goes on behind it."""
    first, second = cut(lines, b"x" * 1_048_576 + b"\nnext\n")
    assert (RECORD_BYTES_MAX + 1, 1, 1_048_577) == (len(first.value), first.line, first.end)
    assert Frame(b"next", 2, 1_048_582) == second


class Endless(io.RawIOBase):
    """A file of one byte again and again, with a good line behind it."""

    def __init__(self, byte: bytes, size: int, behind: bytes) -> None:
        self._byte, self._left, self._behind = byte, size, behind

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            chunk, self._behind = self._behind[: len(buffer)], self._behind[len(buffer) :]
        else:
            chunk = self._byte * min(len(buffer), self._left)
            self._left -= len(chunk)
        buffer[: len(chunk)] = chunk
        return len(chunk)


@pytest.mark.parametrize("byte", [b"x", b"{", b"<", b" ", b"\x00"])
@pytest.mark.parametrize("framing", [lines, paragraphs, json_documents, xml_elements("cdr")])
def test_memory_is_bounded_whatever_a_file_holds(framing: Framing, byte: bytes) -> None:
    """A line of 1 GB (here 64 MB, the loop is the same) is never held: under 1 MB, and what follows is read."""
    behind = b"\n\n{}</cdr>\n"
    stream = io.BufferedReader(Endless(byte, 64 << 20, behind), 1 << 16)
    tracemalloc.start()
    try:
        frames = [len(frame.value) for frame in framing(_told(stream))]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20
    assert max(frames) <= RECORD_BYTES_MAX + 1
    assert frames[-1] > 0


def _told(stream: io.BufferedReader) -> Any:
    """The stream knows no position; framing asks for one at the start."""

    class Told:
        readline = staticmethod(stream.readline)
        tell = staticmethod(lambda: 0)

    return Told()


def test_nul_bytes_and_latin_1_stay_in_the_record() -> None:
    """Framing knows only line ends; what the bytes mean is the parser's question."""
    assert [b"a\x00b", b"Jos\xe9"] == values(lines, b"a\x00b\nJos\xe9\n")


def test_paragraphs_end_with_a_blank_line() -> None:
    """Two RADIUS packets, several blank lines between them; the number is that of the last line of each."""
    content = b"Start\n  A = 1\n\n\n\nStop\n  A = 1\n"
    assert [Frame(b"Start\n  A = 1", 2, 15), Frame(b"Stop\n  A = 1", 7, len(content))] == [
        frame._replace(end=15) if frame.line == 2 else frame for frame in cut(paragraphs, content)
    ]


def test_paragraph_without_its_blank_line_waits() -> None:
    """The last packet may still get attributes; it counts once the file is final."""
    assert [b"a\nb"] == values(paragraphs, b"a\nb\n\nc\n", final=False)
    assert [b"a\nb", b"c"] == values(paragraphs, b"a\nb\n\nc\n")


def test_json_documents_of_one_and_of_many_lines() -> None:
    """A compact document is one line; a printed one ends with a line that begins with its closing brace."""
    content = b'{"a": 1}\n{\n  "b": {\n    "c": 2\n  }\n}\n{"d": 3}\n'
    assert [b'{"a": 1}', b'{\n  "b": {\n    "c": 2\n  }\n}', b'{"d": 3}'] == values(json_documents, content)


def test_json_document_that_is_never_closed_ends_at_the_next() -> None:
    """A writer that died in the middle costs its own record only."""
    assert [b'{\n  "a": 1,', b'{"b": 2}'] == values(json_documents, b'{\n  "a": 1,\n{"b": 2}\n')


def test_xml_elements_end_with_their_closing_tag() -> None:
    """What stands around the elements goes with the next one."""
    content = b'<?xml version="1.0"?>\n<cdrs>\n<cdr>\n<a/>\n</cdr>\n<cdr></cdr>\n</cdrs>\n'
    first, second, wrapper = values(xml_elements("cdr"), content)
    assert first.startswith(b"<?xml")
    assert first.endswith(b"</cdr>")
    assert (b"<cdr></cdr>", b"</cdrs>") == (second, wrapper)


def test_an_xml_element_that_is_never_closed_ends_at_the_next() -> None:
    """It is one bad record, and the next one is unharmed (R29), whether elements have one line or several."""
    content = b"<cdrs>\n<cdr><a>1</a></cdr>\n<cdr><a>2\n<cdr x='3'>\n<a/>\n</cdr>\n</cdrs>\n"
    expected = [b"<cdrs>\n<cdr><a>1</a></cdr>", b"<cdr><a>2", b"<cdr x='3'>\n<a/>\n</cdr>", b"</cdrs>"]
    assert expected == values(xml_elements("cdr"), content)


@pytest.mark.parametrize("framing", [paragraphs, json_documents, xml_elements("cdr")])
def test_memory_is_bounded_for_records_of_many_lines(framing: Framing) -> None:
    """A record that never ends holds at most 64 KiB and a byte, whatever the file holds."""
    content = b"{\n" + b" " * 100 + b"x" * 100 + b"\n"
    hostile = content + (b"y" * 1_000 + b"\n") * 1_000
    assert all(len(value) <= RECORD_BYTES_MAX + 1 for value in values(framing, hostile))


@pytest.mark.parametrize("framing", [lines, paragraphs, json_documents, xml_elements("cdr")])
@pytest.mark.parametrize(
    "content",
    [b'{"a": 1}\n{\n"b": 2\n}\n\nC = 1\n\n<cdr>\n</cdr>\ntail', b"\x00\xff\xfe\n\n\r\r\n{", b"}\n}\n{\n{\n\n</cdr>\n"],
)
def test_no_byte_is_lost(framing: Framing, content: bytes) -> None:
    """Every character that is not blank is in exactly one record, in order."""
    kept = b"".join(values(framing, content))
    assert b"".join(content.split()) == b"".join(kept.split())
