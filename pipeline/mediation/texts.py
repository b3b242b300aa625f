"""Bytes to text, and what is cut out of texts (mediation.md R52, R54)."""

import re
from typing import NamedTuple

RECORD_BYTES_MAX = 64 * 1024
"""A longer record is TOO_LONG (R54)."""
FIELDS_MAX = 2_000

CONTROLS = r"[\x00-\x1f\x7f-\x9f]"
"""Characters that no name holds; an expression of Python and of RE2."""
_CONTROL = re.compile(CONTROLS)


class Text(NamedTuple):
    """A record's characters, and whether they were UTF-8."""

    value: str
    is_utf8: bool


def decode_text(value: bytes) -> Text:
    """UTF-8 with or without a byte order mark, else Windows-1252, else Latin-1, which reads anything."""
    try:
        return Text(value.decode("utf-8-sig"), is_utf8=True)
    except UnicodeDecodeError:
        pass
    try:
        return Text(value.decode("cp1252"), is_utf8=False)
    except UnicodeDecodeError:
        return Text(value.decode("latin-1"), is_utf8=False)


def without_controls(text: str) -> str:
    """Parties and names hold no NUL and no control characters."""
    return _CONTROL.sub("", text)
