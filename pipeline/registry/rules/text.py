"""Text that people may write into names and addresses."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field

_JOINERS = frozenset("\u200c\u200d")
"""Zero-width (non-)joiner: Persian, Indic scripts and emoji need them."""
_REFUSED = {
    "Cc": "a control character",
    "Cf": "an invisible or direction-changing character",
    "Cs": "half of a surrogate pair",
    "Co": "a private-use character",
    "Cn": "an unassigned code point",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
}
_MARKS_MAX = 4


def printable(text: str) -> str:
    """Return text that a person can read back; ValueError names the first character that is none.

    Refused are controls (so nothing can break out of a header or a log line), invisible and direction-changing
    characters, and piles of combining marks.
    """
    marks = 0
    for position, character in enumerate(text):
        category = unicodedata.category(character)
        if category in _REFUSED and character not in _JOINERS:
            found = f"U+{ord(character):04X} at position {position}"
            raise ValueError(f"{found} is {_REFUSED[category]}. Write text that can be read back.")
        marks = marks + 1 if category.startswith("M") else 0
        if marks > _MARKS_MAX:
            raise ValueError(f"More than {_MARKS_MAX} combining marks on one letter at position {position}.")
    return text


def not_blank(text: str) -> str:
    """Return text that holds more than blanks; ValueError otherwise."""
    if not text.strip():
        raise ValueError("Only blanks were found. Write at least one visible character.")
    return text


PrintableText = Annotated[str, AfterValidator(printable)]
RequiredText = Annotated[PrintableText, AfterValidator(not_blank)]
ShortText = Annotated[RequiredText, Field(min_length=1, max_length=128)]
"""A name or an identifier of the provider's."""
