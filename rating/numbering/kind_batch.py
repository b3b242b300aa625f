"""The twin of `classify.kind_of`: the kinds of a column of numbers in E.164."""

import re
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rating.columns import Flags, Integers
from rating.numbering.area_codes import AreaCodeTable
from rating.numbering.classify import DIRECTORY_ASSISTANCE, PREMIUM_EXCHANGE
from rating.numbering.countries import CODE_DIGITS_MAX
from rating.numbering.dialling import NANP
from rating.numbering.digit_columns import Digits
from rating.numbering.kind_table import KindTable, kind_table

FEW = 512
"""Numbers that are matched one by one."""
_LINE = 10_000
_EXCHANGES = 1000
_FIRST_CODE = 200
"""Area codes and exchanges begin with 2 to 9."""


def kind_column(numbers: Digits, days: Integers, table: AreaCodeTable) -> Integers:
    """Positions in `kind_table(table).kinds`; numbers of length 0 are INVALID. `days` since 1970-01-01."""
    kinds = kind_table(table)
    kind = np.full(len(numbers.value), kinds.invalid, np.int64)
    first = numbers.leading(1)
    inside = np.flatnonzero(first == NANP)
    outside = np.flatnonzero(first > NANP)
    kind[inside] = _nanp_kinds(numbers.value[inside], days[inside], table, kinds)
    kind[outside] = _country_kinds(numbers.take(outside), kinds)
    return kind


def _nanp_kinds(numbers: Integers, days: Integers, table: AreaCodeTable, kinds: KindTable) -> Integers:
    """Kinds of numbers of eleven digits."""
    subscriber, line = numbers // _LINE, numbers % _LINE
    code, exchange = subscriber // _EXCHANGES % _EXCHANGES, subscriber % _EXCHANGES
    kind = np.where(exchange == int(PREMIUM_EXCHANGE), kinds.premium[code], kinds.ordinary[code])
    assistance, assistance_line = divmod(int(DIRECTORY_ASSISTANCE), _LINE)
    is_assistance = (exchange == assistance) & (line == assistance_line)
    kind = np.where(is_assistance, kinds.directory_assistance[code], kind)
    kind = np.where(table.first_day[code] <= days, kind, kinds.unknown)
    return np.where((code >= _FIRST_CODE) & (exchange >= _FIRST_CODE), kind, kinds.invalid)


def _country_kinds(numbers: Digits, kinds: KindTable) -> Integers:
    """Kinds of numbers outside +1."""
    leading = numbers.leading(CODE_DIGITS_MAX)
    kind: Integers = kinds.main_country[leading]
    is_decided = np.ones(len(kind), np.bool_)
    for small in kinds.small_countries:
        is_decided &= ~small.leading[leading]
    open_rows = np.flatnonzero(~is_decided)
    for small in kinds.small_countries:
        rows = open_rows[small.leading[leading[open_rows]]]
        if not rows.size:
            continue
        fitting = rows[_fits(numbers.value[rows], small.country.pattern)]
        fitting = fitting[~_fits(numbers.value[fitting], small.country.main_pattern)]
        kind[fitting] = small.kind
        open_rows = np.setdiff1d(open_rows, fitting, assume_unique=True)
    return kind


def _fits(numbers: Integers, pattern: str) -> Flags:
    """Which numbers match a pattern as text. Arrow compiles a pattern anew each time, which few numbers do not pay."""
    if len(numbers) < FEW:
        matches_one = _compiled(pattern).search
        return np.array([matches_one(str(number)) is not None for number in numbers.tolist()], np.bool_)
    text = pc.cast(pa.array(numbers), pa.string())
    matches: Flags = pc.match_substring_regex(text, pattern).to_numpy(zero_copy_only=False)
    return matches


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
