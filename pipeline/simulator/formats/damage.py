"""How lines of values are made unreadable."""


def open_quote(line: bytes) -> bytes:
    """A whole line whose last value has a quote that is never closed."""
    return line.replace(b'"', b"").rpartition(b",")[0] + b',"never closed'


def beginning(line: bytes, separator: bytes = b",") -> bytes:
    """The first four values, as of a line that was cut."""
    return separator.join(line.replace(b'"', b"").split(separator)[:4])


def three_values(line: bytes) -> bytes:
    """A line of another shape than all layouts."""
    return b",".join(line.replace(b'"', b"").split(b",")[:3])


def cut_object(line: bytes) -> bytes:
    """Three fifths of a JSON object, which no brace closes."""
    return line[: len(line) * 3 // 5].rstrip(b"}")


def as_one_text(line: bytes) -> bytes:
    """A JSON object of another shape: the whole line as one text."""
    return b'{"row":"' + line.replace(b'"', b"'") + b'"}'
