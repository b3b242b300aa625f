"""How lines of values are made unreadable."""


def open_quote(line: bytes) -> bytes:
    """Half a line, and then a value whose quote is never closed."""
    return line[: len(line) // 2].rpartition(b",")[0].replace(b'"', b"") + b',"never closed'


def half(line: bytes) -> bytes:
    """The first half: too few values for any layout."""
    return line[: len(line) // 2].replace(b'"', b"")


def cut_object(line: bytes) -> bytes:
    """Three fifths of a JSON object, which no brace closes."""
    return line[: len(line) * 3 // 5].rstrip(b"}")


def as_one_text(line: bytes) -> bytes:
    """A JSON object of another shape: the whole line as one text."""
    return b'{"row":"' + line.replace(b'"', b"'") + b'"}'
