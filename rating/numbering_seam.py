"""A small reading of numbers with the signatures of `rating.numbering`, for as long as that has not landed."""

import re
from datetime import date
from typing import NamedTuple

from rating.numbering.area_codes import AreaCodeTable
from schemas.reference import Trunk


class DiallingProfile(NamedTuple):
    """How digits are read."""

    country: str
    number_format: str


class Kind(NamedTuple):
    """Class and place of a number."""

    number_class: str
    country: str | None = None
    state: str | None = None


class Number(NamedTuple):
    """A number and what it is."""

    e164: str | None
    kind: Kind


def profile_of(trunk: Trunk) -> DiallingProfile:
    """How the digits of a trunk are read."""
    return DiallingProfile(trunk.country, trunk.number_format)


_SHORT = {"911": "EMERGENCY", "933": "EMERGENCY", "988": "CRISIS_988", "411": "DIRECTORY_ASSISTANCE"}


def classify(dialled: str | None, profile: DiallingProfile, day: date, table: AreaCodeTable) -> Number:
    """The number with its class, country and state."""
    digits = (dialled or "").removeprefix("+")
    if profile.country == "US" and dialled in _SHORT:
        return Number(None, Kind(_SHORT[dialled]))
    if profile.country == "US" and re.fullmatch("[2-9][0-9]{9}", dialled or ""):
        digits = f"1{dialled}"
    if not re.fullmatch("[1-9][0-9]{6,14}", digits):
        return Number(None, Kind("INVALID"))
    if not digits.startswith("1"):
        return Number(f"+{digits}", Kind("INTERNATIONAL"))
    row = table.in_service(digits[1:4], day)
    if row is None:
        return Number(f"+{digits}", Kind("UNKNOWN_NANP"))
    return Number(f"+{digits}", Kind(row.number_class, row.country, row.region))
