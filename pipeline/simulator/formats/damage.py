"""How lines of values are made unreadable."""


def open_quote(line: bytes) -> bytes:
    """Half a line, and then a value whose quote is never closed."""
    return line[: len(line) // 2].rpartition(b",")[0].replace(b'"', b"") + b',"never closed'


def half(line: bytes) -> bytes:
    """The first half: too few values for any layout."""
    return line[: len(line) // 2].replace(b'"', b"")
