"""Kinds of numbers by their leading digits, for batches: one array for area codes, one for calling codes."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rating.columns import Flags, Integers
from rating.numbering.area_codes import AreaCodeTable
from rating.numbering.countries import CODE_DIGITS_MAX, MAIN_COUNTRY, SMALL_COUNTRIES, SmallCountry
from rating.numbering.kinds import INVALID, UNKNOWN_NANP, Kind, NumberClass, area_code_kinds

_THREE_DIGITS = 10**CODE_DIGITS_MAX


class SmallCountryKind(NamedTuple):
    """A country that shares a calling code: the three digits its numbers may begin with, their form, their kind."""

    leading: Flags
    country: SmallCountry
    kind: int


class KindTable(NamedTuple):
    """All kinds that a number in E.164 may have, and where each is found; arrays have an entry per three digits."""

    kinds: tuple[Kind, ...]
    ordinary: Integers
    """Kind of an area code's numbers."""
    directory_assistance: Integers
    premium: Integers
    main_country: Integers
    """Kind of numbers outside +1 by their first three digits."""
    small_countries: tuple[SmallCountryKind, ...]
    """In the order that decides."""

    @property
    def invalid(self) -> int:
        """Position of INVALID in `kinds`."""
        return self.kinds.index(INVALID)

    @property
    def unknown(self) -> int:
        """Position of UNKNOWN_NANP in `kinds`."""
        return self.kinds.index(UNKNOWN_NANP)


@lru_cache(maxsize=4)
def kind_table(table: AreaCodeTable) -> KindTable:
    """The kinds of a book's area codes and of all calling codes."""
    positions = {INVALID: 0, UNKNOWN_NANP: 1}

    def position(kind: Kind) -> int:
        return positions.setdefault(kind, len(positions))

    area_codes = np.full((3, _THREE_DIGITS), positions[UNKNOWN_NANP], np.int64)
    for area in table.codes:
        area_codes[:, int(area.area_code)] = [position(kind) for kind in area_code_kinds(area)]
    main_country = np.full(_THREE_DIGITS, positions[INVALID], np.int64)
    small = []
    for code, country in MAIN_COUNTRY.items():
        leading = _leading(code)
        main_country[leading] = position(Kind(NumberClass.INTERNATIONAL, country))
        for small_country in SMALL_COUNTRIES.get(code, ()):
            kind = position(Kind(NumberClass.INTERNATIONAL, small_country.country))
            small.append(SmallCountryKind(leading, small_country, kind))
    ordinary, assistance, premium = area_codes
    return KindTable(tuple(positions), ordinary, assistance, premium, main_country, tuple(small))


def _leading(code: int) -> Flags:
    """The three digits that numbers of a calling code begin with."""
    fill = 10 ** (CODE_DIGITS_MAX - len(str(code)))
    leading = np.zeros(_THREE_DIGITS, np.bool_)
    leading[code * fill : (code + 1) * fill] = True
    return leading
