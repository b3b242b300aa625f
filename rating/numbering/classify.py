"""The specification of numbering: one dialled number to E.164 and its kind (numbering.md C.1)."""

import re
from datetime import date

from rating.numbering.area_codes import AreaCodeTable
from rating.numbering.countries import country_of
from rating.numbering.dialling import e164, plan_behind_prefix, without_tech_prefix
from rating.numbering.kinds import INVALID, UNKNOWN_NANP, Kind, Number, NumberClass, area_code_kinds
from rating.numbering.profiles import DiallingProfile
from rating.numbering.short_codes import short_code

_NANP_FORM = re.compile(r"1[2-9][0-9]{2}[2-9][0-9]{6}")
DIRECTORY_ASSISTANCE = "5551212"
PREMIUM_EXCHANGE = "976"


def classify(dialled: str | None, profile: DiallingProfile, day: date, table: AreaCodeTable) -> Number:
    """What was dialled on a trunk of that profile, as of a day (UTC) of the answer; nothing dialled is INVALID."""
    number, short = number_or_short_code(dialled, profile)
    if short is not None:
        return Number(None, short)
    kind = INVALID if number is None else kind_of(number[1:], day, table)
    return Number(None if kind is INVALID else number, kind)


def number_or_short_code(dialled: str | None, profile: DiallingProfile) -> tuple[str | None, Kind | None]:
    """E.164 with its plus, or the kind of a short code, or neither. It does not depend on the day."""
    digits, prefix = without_tech_prefix(dialled or "", profile.plan.tech_prefix)
    plan = profile.plan if prefix is None else plan_behind_prefix(profile.plan)
    short = short_code(digits, profile.country)
    return (e164(digits, plan) if short is None else None), short


def kind_of(digits: str, day: date, table: AreaCodeTable) -> Kind:
    """The kind of a number in E.164 without plus, as of a day."""
    if digits.startswith("1"):
        return _nanp_kind(digits, day, table)
    country = country_of(digits)
    return INVALID if country is None else Kind(NumberClass.INTERNATIONAL, country)


def _nanp_kind(digits: str, day: date, table: AreaCodeTable) -> Kind:
    """An area code that is not in service is unknown; it never falls through to prefix 1."""
    if not _NANP_FORM.fullmatch(digits):
        return INVALID
    code = table.in_service(digits[1:4], day)
    if code is None:
        return UNKNOWN_NANP
    if digits[4:] == DIRECTORY_ASSISTANCE:
        return area_code_kinds(code).directory_assistance
    if digits[4:7] == PREMIUM_EXCHANGE:
        return area_code_kinds(code).premium
    return area_code_kinds(code).ordinary
