"""Single values of a record: whole numbers, fractions, media figures (mediation.md R44).

What decides money is read strictly: a value that is there and cannot be read makes the record unreadable. Figures
for reports are read leniently: what cannot be read, or is a vendor's mark for "not available", is None.
"""

import re
from decimal import Decimal, InvalidOperation

from pipeline.mediation.draft import bad_field

_WHOLE = re.compile(r"-?[0-9]{1,18}\Z")
INT32_MAX = 2**31 - 1
SENTINELS = frozenset({"-1", "4294967295"})
"""Counters that mean "not available"."""
NO_SCORE = 127
"""R-factor and MOS that mean "not available"."""
_MOS_SPELLINGS = ((Decimal("0.01"), 5, 100), (10, 50, 10), (100, 500, 1))
"""How sources write a score: as it is, in tenths, in hundredths; by its range it can be only one of them."""
_R_FACTOR_MAX = 100
_STATUS_MIN, _STATUS_MAX = 100, 699


def text_or_none(value: str | None) -> str | None:
    """Unknown is None, never an empty text."""
    return value or None


def whole_number(name: str, value: str | int | None) -> int | None:
    """A whole number, as text or not; None where there is none. Raises Unreadable."""
    if value is None or value == "":
        return None
    text = str(value).strip()
    if not _WHOLE.match(text):
        raise bad_field(name, value, "a whole number of at most 18 digits")
    return int(text)


def figure(value: str | float | None, most: int = INT32_MAX) -> int | None:
    """A count or a rounded measure for reports; None where it is missing, negative, a sentinel, or no number."""
    fraction = _fraction(value)
    if fraction is None or str(value) in SENTINELS or not 0 <= fraction <= most:
        return None
    return int(fraction + Decimal("0.5"))


def mos_x100(value: str | float | None) -> int | None:
    """A mean opinion score times 100. The scale is 1 to 5, so 10 to 50 are tenths, 100 to 500 hundredths."""
    score = _fraction(value)
    if score is None or score == NO_SCORE:
        return None
    for least, most, factor in _MOS_SPELLINGS:
        if least <= score <= most:
            return int(score * factor + Decimal("0.5"))
    return None


def r_factor(value: str | float | None) -> int | None:
    """An R-factor from 0 to 100; larger ones were written times 100."""
    score = _fraction(value)
    if score is None or score == NO_SCORE or not 0 < score <= _R_FACTOR_MAX * 100:
        return None
    return int(score + Decimal("0.5")) if score <= _R_FACTOR_MAX else int(score / 100 + Decimal("0.5"))


def _fraction(value: str | float | None) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        fraction = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return fraction if fraction.is_finite() else None


def sip_status(value: str | int | None) -> int | None:
    """A SIP status of 100 to 699; None for anything else."""
    status = figure(value, most=_STATUS_MAX)
    return status if status is not None and status >= _STATUS_MIN else None
