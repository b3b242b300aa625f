"""Dialled digits to E.164 by a dial plan, that of a source at the gate or that of a trunk (mediation.md N1 to N17).

Nothing is guessed: digits that fit no rule of the plan are no number. At the gate they are left as they were dialled,
and the trunk's own plan may still read them.
"""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata

from schemas.reference import DialPlan

_E164 = re.compile(r"1[2-9][0-9]{9}|[2-9][0-9]{6,14}")
_NANP_NATIONAL = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}")
_NANP_LOCAL = re.compile(r"[2-9][0-9]{6}")
NANP_LOCAL_DIGITS = 7
SHORT_MAX = 5
"""Codes and extensions of so few digits are no PSTN numbers (N26, N27)."""
NANP = 1
"""Country code of the North American Numbering Plan."""


def e164(dialled: str, plan: DialPlan) -> str | None:
    """`+` and digits, or None where the plan does not say which number it is."""
    if dialled.startswith("+"):
        return _global(dialled[1:])
    if len(dialled) <= SHORT_MAX or not dialled.isdecimal():
        return None
    return _by_plan(dialled, plan) or _behind_access_digit(dialled, plan)


def without_tech_prefix(dialled: str, pattern: str | None) -> tuple[str, str | None]:
    """`9991#442079460123` with `^9991#` is (`442079460123`, `9991#`)."""
    found = re.match(pattern, dialled) if pattern else None
    return (dialled[found.end() :], found[0]) if found else (dialled, None)


@lru_cache(maxsize=256)
def plan_behind_prefix(plan: DialPlan) -> DialPlan:
    """How digits behind a tech prefix are read: where the plan has no country, they are E.164 (N11)."""
    return plan if plan.default_country else plan.model_copy(update={"accept_bare_e164": True})


def _behind_access_digit(dialled: str, plan: DialPlan) -> str | None:
    """`0` for an outside line, then the number as dialled from there."""
    if not plan.access_digit or not dialled.startswith(plan.access_digit):
        return None
    return _by_plan(dialled.removeprefix(plan.access_digit), plan)


def _by_plan(digits: str, plan: DialPlan) -> str | None:
    for prefix in sorted(plan.international_prefixes, key=len, reverse=True):
        if digits.startswith(prefix):
            return _global(digits.removeprefix(prefix))
    return _national(digits, plan) or _bare(digits, plan)


def _bare(digits: str, plan: DialPlan) -> str | None:
    """Digits that count as E.164 where the plan says so; seven digits inside +1 are a local number without its area."""
    if not plan.accept_bare_e164 or (is_nanp(plan) and _NANP_LOCAL.fullmatch(digits)):
        return None
    return _global(digits)


def is_nanp(plan: DialPlan) -> bool:
    """Whether the plan's own country dials as +1."""
    return plan.default_country is not None and country(plan.default_country).code == NANP


def _national(digits: str, plan: DialPlan) -> str | None:
    if plan.default_country is None:
        return None
    home = country(plan.default_country)
    if home.code == NANP:
        return _north_american(digits, plan.area_code)
    prefix = plan.national_prefix or home.national_prefix
    if prefix:
        return _global(f"{home.code}{digits.removeprefix(prefix)}") if _follows(digits, prefix) else None
    return _global(f"{home.code}{digits}") if len(digits) in home.national_lengths else None


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


class Country:
    """What libphonenumber knows of dialling in one country."""

    def __init__(self, region: str) -> None:
        self.code: int = phonenumbers.country_code_for_region(region)
        metadata = PhoneMetadata.metadata_for_region(region)
        self.national_prefix: str | None = metadata.national_prefix if metadata else None
        numbers = metadata.general_desc if metadata else None
        self.national_lengths: frozenset[int] = frozenset(numbers.possible_length if numbers else ())
        """How many digits a national number may have."""


@lru_cache(maxsize=256)
def country(region: str) -> Country:
    """The dialling of a country, by its ISO 3166 code."""
    return Country(region)
