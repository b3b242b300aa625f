"""Postal addresses: from the text that a person writes to the parts that boundary files compare.

USPS Publication 28: upper case, standard abbreviations of directions and street suffixes, ZIP codes as text.
"""

import re
from typing import NamedTuple

from rating.tax.boundary import StreetAddress

STREET_LETTERS = 20
"""Boundary files keep this many letters of a street's name."""

_ZIP = re.compile(r"(?P<zip5>\d{5})(?:-?(?P<plus4>\d{4}))?", re.ASCII)
_LAST_LINE = re.compile(r"(?P<state>[A-Z]{2})\s+(?P<zip>\d{5}(?:-?\d{4})?)", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"(\d+)[A-Z]?", re.ASCII)
_DIRECTIONS = {
    "NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W",
    "NORTHEAST": "NE", "NORTHWEST": "NW", "SOUTHEAST": "SE", "SOUTHWEST": "SW",
}  # fmt: skip
_SUFFIXES = {
    "ALLEY": "ALY", "AVENUE": "AVE", "BOULEVARD": "BLVD", "CENTER": "CTR", "CIRCLE": "CIR", "COURT": "CT",
    "COVE": "CV", "CREEK": "CRK", "CROSSING": "XING", "DRIVE": "DR", "EXPRESSWAY": "EXPY", "FREEWAY": "FWY",
    "GARDENS": "GDNS", "HEIGHTS": "HTS", "HIGHWAY": "HWY", "HILL": "HL", "JUNCTION": "JCT", "LAKE": "LK",
    "LANE": "LN", "LOOP": "LOOP", "PARKWAY": "PKWY", "PLACE": "PL", "PLAZA": "PLZ", "POINT": "PT", "RIDGE": "RDG",
    "ROAD": "RD", "ROUTE": "RTE", "SQUARE": "SQ", "STATION": "STA", "STREET": "ST", "TERRACE": "TER", "TRAIL": "TRL",
    "TURNPIKE": "TPKE", "VALLEY": "VLY", "VIEW": "VW", "VILLAGE": "VLG", "WALK": "WALK", "WAY": "WAY",
}  # fmt: skip
_ALL_DIRECTIONS = frozenset(_DIRECTIONS.values())
_ALL_SUFFIXES = frozenset(_SUFFIXES.values())


class WrittenAddress(NamedTuple):
    """An address of the United States as written: street line, city, state, ZIP code."""

    street: str
    city: str
    state: str
    post_code: str


def read_address(text: str) -> WrittenAddress:
    """Take `200 Example Avenue, Minneapolis, MN 55401-1234` apart. ValueError says what was expected."""
    *before, last = [part.strip() for part in text.split(",")]
    match = _LAST_LINE.fullmatch(last)
    if match is None or not before:
        raise ValueError(f"{text!r} is no US address. Write street, city, state and ZIP: 1 Main St, Madison, WI 53703")
    return WrittenAddress(", ".join(before[:-1]), before[-1], match["state"].upper(), match["zip"])


def street_address(street: str, post_code: str) -> StreetAddress:
    """The parts that boundary records compare. ValueError when the ZIP code is none."""
    match = _ZIP.fullmatch(post_code.strip())
    if match is None:
        raise ValueError(f"{post_code!r} is no ZIP code. Write 55401 or 55401-1234")
    words = [word.strip(".,") for word in street.upper().split(",")[0].split()]
    number = _take_number(words)
    pre_direction = _take_direction(words, 0)
    post_direction = _take_direction(words, -1)
    suffix = _take_suffix(words)
    name = " ".join(words)[:STREET_LETTERS]
    return StreetAddress(match["zip5"], match["plus4"], number, pre_direction, name, suffix, post_direction)


def _take_number(words: list[str]) -> int | None:
    match = _NUMBER.fullmatch(words[0]) if words else None
    if match is None:
        return None
    words.pop(0)
    return int(match[1])


def _take_direction(words: list[str], position: int) -> str:
    """Take a direction off one end, unless it is all that names the street."""
    if len(words) < len(("direction", "name")):
        return ""
    word = _DIRECTIONS.get(words[position], words[position])
    if word not in _ALL_DIRECTIONS:
        return ""
    words.pop(position)
    return word


def _take_suffix(words: list[str]) -> str:
    if len(words) < len(("name", "suffix")):
        return ""
    word = _SUFFIXES.get(words[-1], words[-1])
    if word not in _ALL_SUFFIXES:
        return ""
    words.pop()
    return word
