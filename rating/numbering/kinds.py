"""What a number is: its class, its country and its US state (numbering.md B.1 and C.1)."""

from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from rating.tax.situs import TERRITORIES, UNITED_STATES
from schemas.reference import AreaCode


class NumberClass(StrEnum):
    """The classes of numbers. INVALID and UNKNOWN_NANP cannot be priced."""

    US_LOWER48_DC = "US_LOWER48_DC"
    US_AK = "US_AK"
    US_HI = "US_HI"
    US_TERRITORY = "US_TERRITORY"
    CANADA = "CANADA"
    CA_NONGEO = "CA_NONGEO"
    CARIBBEAN = "CARIBBEAN"
    TOLL_FREE = "TOLL_FREE"
    NONGEO_5XX = "NONGEO_5XX"
    PREMIUM = "PREMIUM"
    IXC_700 = "IXC_700"
    US_GOV_710 = "US_GOV_710"
    DIRECTORY_ASSISTANCE = "DIRECTORY_ASSISTANCE"
    EMERGENCY = "EMERGENCY"
    CRISIS_988 = "CRISIS_988"
    N11 = "N11"
    INTERNATIONAL = "INTERNATIONAL"
    UNKNOWN_NANP = "UNKNOWN_NANP"
    INVALID = "INVALID"


GEOGRAPHIC = frozenset(
    {
        NumberClass.US_LOWER48_DC, NumberClass.US_AK, NumberClass.US_HI, NumberClass.US_TERRITORY, NumberClass.CANADA,
        NumberClass.CARIBBEAN,
    }
)  # fmt: skip
"""Classes of area codes with a place, whose directory assistance and premium exchanges are classes of their own."""


class Kind(NamedTuple):
    """Everything that depends on the kind of a number and not on its digits.

    `country` is ISO 3166, the own one of a US territory, 001 for none in particular; `state` is one of the 50 states
    or DC.
    """

    number_class: NumberClass
    country: str | None = None
    state: str | None = None


INVALID = Kind(NumberClass.INVALID)
_UNITED_STATES_AND_NO_PLACE = frozenset({None, "001", UNITED_STATES}) | TERRITORIES
UNKNOWN_NANP = Kind(NumberClass.UNKNOWN_NANP)


class Number(NamedTuple):
    """A dialled number: E.164 with its plus, None for a short code and for what is no number."""

    e164: str | None
    kind: Kind


def is_neighbour(kind: Kind) -> bool:
    """Whether a number is dialled as +1 and belongs to Canada or the Caribbean (PRODUCT.md, Rating 8).

    A deck row of prefix 1 means the United States and never prices such a number.
    """
    return kind.number_class is not NumberClass.INTERNATIONAL and kind.country not in _UNITED_STATES_AND_NO_PLACE


class AreaCodeKinds(NamedTuple):
    """The kinds of the numbers of one area code: 555-1212, exchange 976, and all others."""

    ordinary: Kind
    directory_assistance: Kind
    premium: Kind


@lru_cache(maxsize=4096)
def area_code_kinds(code: AreaCode) -> AreaCodeKinds:
    """Only area codes with a place have directory assistance and premium exchanges, and both keep the place."""
    ordinary = Kind(
        NumberClass(code.number_class), code.country, code.region if code.country == UNITED_STATES else None
    )
    if ordinary.number_class not in GEOGRAPHIC:
        return AreaCodeKinds(ordinary, ordinary, ordinary)
    return AreaCodeKinds(
        ordinary,
        ordinary._replace(number_class=NumberClass.DIRECTORY_ASSISTANCE),
        ordinary._replace(number_class=NumberClass.PREMIUM),
    )
