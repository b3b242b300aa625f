"""Dialled digits to E.164 by the dial plan of a source (mediation.md N1 to N10, N17).

Nothing is guessed: digits that fit no rule of the plan are left as they were dialled, and the trunk's own plan may
still read them.
"""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata

from schemas.reference import DialPlan

_E164 = re.compile(r"1[2-9][0-9]{9}|[2-9][0-9]{6,14}")
_NANP_NATIONAL = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}")
_NANP_LOCAL = re.compile(r"[2-9][0-9]{6}")
_SHORT_MAX = 5
"""Codes and extensions of so few digits are no PSTN numbers (N26, N27)."""
_NANP = 1


def e164(dialled: str, plan: DialPlan) -> str | None:
    """`+` and digits, or None where the plan does not say which number it is."""
    if dialled.startswith("+"):
        return _global(dialled[1:])
    if len(dialled) <= _SHORT_MAX or not dialled.isdecimal():
        return None
    return _by_plan(dialled, plan) or _behind_access_digit(dialled, plan)


def _behind_access_digit(dialled: str, plan: DialPlan) -> str | None:
    """`0` for an outside line, then the number as dialled from there."""
    if not plan.access_digit or not dialled.startswith(plan.access_digit):
        return None
    return _by_plan(dialled.removeprefix(plan.access_digit), plan)


def _by_plan(digits: str, plan: DialPlan) -> str | None:
    for prefix in sorted(plan.international_prefixes, key=len, reverse=True):
        if digits.startswith(prefix):
            return _global(digits.removeprefix(prefix))
    return _national(digits, plan) or (_global(digits) if plan.accept_bare_e164 else None)


def _national(digits: str, plan: DialPlan) -> str | None:
    if plan.default_country is None:
        return None
    country = _country(plan.default_country)
    if country.code == _NANP:
        return _north_american(digits, plan.area_code)
    prefix = plan.national_prefix or country.national_prefix
    if prefix:
        return _global(f"{country.code}{digits.removeprefix(prefix)}") if _follows(digits, prefix) else None
    return _global(f"{country.code}{digits}") if country.has_national_length(digits) else None


def _follows(digits: str, prefix: str) -> bool:
    return digits.startswith(prefix) and not digits.removeprefix(prefix).startswith("0")


def _north_american(digits: str, area_code: str | None) -> str | None:
    if _NANP_NATIONAL.fullmatch(digits):
        return f"+1{digits}"
    if area_code and _NANP_LOCAL.fullmatch(digits):
        return _global(f"1{area_code}{digits}")
    return _global(digits) if digits.startswith("1") else None


def _global(digits: str) -> str | None:
    return f"+{digits}" if _E164.fullmatch(digits) else None


class _Country:
    """What libphonenumber knows of dialling in one country."""

    def __init__(self, region: str) -> None:
        self.code: int = phonenumbers.country_code_for_region(region)
        metadata = PhoneMetadata.metadata_for_region(region)
        self.national_prefix: str | None = metadata.national_prefix if metadata else None
        numbers = metadata.general_desc if metadata else None
        self._lengths = frozenset(numbers.possible_length if numbers else ())

    def has_national_length(self, digits: str) -> bool:
        """Whether a national number of this country may have so many digits."""
        return len(digits) in self._lengths


@lru_cache(maxsize=256)
def _country(region: str) -> _Country:
    return _Country(region)
