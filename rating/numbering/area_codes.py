"""The +1 area codes of a book: class, country and state of each, from its first day of service (numbering.md B.1)."""

from collections.abc import Iterable
from datetime import date

import numpy as np

from rating.columns import Integers
from schemas.reference import AreaCode

NEVER = np.iinfo(np.int64).max
"""First day of service of a code that is assigned without a date."""

_EPOCH = date(1970, 1, 1)
_CODES = 1000


def epoch_day(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


class AreaCodeTable:
    """Area codes by their three digits."""

    def __init__(self, codes: Iterable[AreaCode]) -> None:
        self.codes = tuple(sorted(codes, key=lambda code: code.area_code))
        self._by_digits = {code.area_code: code for code in self.codes}
        self.position: Integers = np.full(_CODES, -1, np.int64)
        """Position in `codes` of each three digits, -1 where there is no such code."""
        self.first_day: Integers = np.full(_CODES, NEVER, np.int64)
        """First day of service of each three digits, in days since 1970."""
        for position, code in enumerate(self.codes):
            self.position[int(code.area_code)] = position
            if code.in_service is not None:
                self.first_day[int(code.area_code)] = epoch_day(code.in_service)

    def in_service(self, digits: str, day: date) -> AreaCode | None:
        """The area code of three digits if it is in service on that day; its first day counts."""
        code = self._by_digits.get(digits)
        return code if code is not None and code.in_service is not None and code.in_service <= day else None
