"""The twin of `dialling.e164` for columns of digits, for the dial plans that nearly all trunks have."""

import numpy as np

from rating.columns import Flags
from rating.numbering.dialling import NANP, NANP_LOCAL_DIGITS, SHORT_MAX, country, is_nanp
from rating.numbering.digit_columns import Digits
from schemas.reference import DialPlan

_NANP_DIGITS = 10
_E164_MIN, _E164_MAX = 7, 15


def is_common(plan: DialPlan) -> bool:
    """Whether columns can be read by the plan: it has no tech prefix, no access digit and no local numbers."""
    prefixes = (*plan.international_prefixes, plan.national_prefix or "0")
    return not (plan.tech_prefix or plan.access_digit or plan.area_code) and all(
        prefix.isascii() and prefix.isdecimal() for prefix in prefixes
    )


def global_column(digits: Digits) -> Digits:
    """Numbers that may be E.164; others become none."""
    first = digits.leading(1)
    is_nanp = (first == NANP) & (digits.length == _NANP_DIGITS + 1) & (digits.without(1).leading(1) > 1)
    is_other = (first > NANP) & (digits.length >= _E164_MIN) & (digits.length <= _E164_MAX)
    return digits.where(is_nanp | is_other)


def e164_column(digits: Digits, plan: DialPlan) -> Digits:
    """E.164 without plus of digits dialled without plus, by a common plan."""
    left: Flags = digits.length > SHORT_MAX
    found = Digits(np.zeros_like(digits.value), np.zeros_like(digits.length))
    for prefix in sorted(plan.international_prefixes, key=len, reverse=True):
        hit = left & digits.starts_with(prefix)
        found = _either(global_column(digits.without(len(prefix)).where(hit)), found)
        left &= ~hit
    rest = digits.where(left)
    found = _either(found, _national_column(rest, plan))
    return _either(found, _bare_column(rest, plan)) if plan.accept_bare_e164 else found


def _bare_column(digits: Digits, plan: DialPlan) -> Digits:
    return global_column(digits.where(digits.length != NANP_LOCAL_DIGITS) if is_nanp(plan) else digits)


def _either(first: Digits, second: Digits) -> Digits:
    """The first number, else the second."""
    has_first = first.length > 0
    return Digits(np.where(has_first, first.value, second.value), np.where(has_first, first.length, second.length))


def _national_column(digits: Digits, plan: DialPlan) -> Digits:
    if plan.default_country is None:
        return digits.where(np.zeros(len(digits.length), np.bool_))
    home = country(plan.default_country)
    if home.code == NANP:
        return _north_american_column(digits)
    prefix = plan.national_prefix or home.national_prefix
    if prefix:
        rest = digits.without(len(prefix))
        is_national = digits.starts_with(prefix) & (rest.leading(1) > 0)
        return global_column(rest.where(is_national).behind(home.code))
    return global_column(digits.where(np.isin(digits.length, list(home.national_lengths))).behind(home.code))


def _north_american_column(digits: Digits) -> Digits:
    """Ten digits of an area code, an exchange and a line, or eleven with the 1 before them."""
    exchange = digits.without(3)
    is_ten = (digits.length == _NANP_DIGITS) & (digits.leading(1) > 1) & (exchange.leading(1) > 1)
    is_long = digits.leading(1) == NANP
    return _either(digits.where(is_ten).behind(NANP), global_column(digits.where(is_long)))
