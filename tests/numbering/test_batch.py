"""Columns of dialled numbers agree with the specification on everything, and read the common forms without it."""

from datetime import date, timedelta
from unittest.mock import patch

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from rating.numbering import batch
from rating.numbering.batch import NumberColumn, classify_column
from rating.numbering.classify import classify
from rating.numbering.domestic import domestic_column, is_domestic
from rating.numbering.kinds import Number
from rating.numbering.profiles import DiallingProfile
from schemas.reference import DialPlan, Package, Plan
from tests.numbering.tables import DE, GB_NATIONAL, US, area_codes
from tests.rating.test_prefixes import NEW_YEAR

PROFILES = (
    US,
    DE,
    GB_NATIONAL,
    DiallingProfile("IT", DialPlan(default_country="IT", international_prefixes=("00", "0"))),
    DiallingProfile("US", DialPlan(default_country="US", area_code="202", access_digit="9")),
    DiallingProfile("US", DialPlan(default_country="US", tech_prefix=r"^\+?[0-9]{2}#")),
    DiallingProfile("DK", DialPlan(default_country="DK", accept_bare_e164=True)),
    DiallingProfile("CA", DialPlan(default_country="CA", accept_bare_e164=True)),
    DiallingProfile("RU", DialPlan(default_country="RU", international_prefixes=("810",), national_prefix="8")),
    DiallingProfile("XX", DialPlan(default_country="XX", international_prefixes=("", "+"))),
)
PLAN = Plan(
    plan_id="p", package=Package.UNLIMITED, effective_from=NEW_YEAR, outbound_deck="d",
    excluded_prefixes=("1712", "1605477", "12125550100"),
)  # fmt: skip

_heads = st.sampled_from(
    ["", "+", "011", "00", "0", "1", "+1", "+44", "+7", "+39", "+599", "9", "810", "44", "12#", "+61"]
)
_bodies = st.one_of(
    st.from_regex(r"[0-9]{0,20}", fullmatch=True),
    st.from_regex(r"(212|416|876|800|900|700|465|200|712|605)(555|976|477|055)(1212|0100)", fullmatch=True),
    st.from_regex(r"(1534|1624|1481|7797|7700|9012|0669|891|262|639|3)[0-9]{4,8}", fullmatch=True),
    st.sampled_from(["911", "112", "999", "988", "411", "711", "7777", "", "2125550100"]),
    st.text(max_size=12),
)
_dialled = st.one_of(st.none(), st.tuples(_heads, _bodies).map("".join))
_rows = st.lists(
    st.tuples(_dialled, st.integers(0, len(PROFILES) - 1), st.integers(19_000, 22_000)), min_size=0, max_size=40
)


def _column(dialled: list[str | None], which: list[int], days: list[int]) -> NumberColumn:
    return classify_column(
        pa.array(dialled, pa.string()), PROFILES, np.array(which, np.int64), np.array(days, np.int64), area_codes()
    )


def _numbers(column: NumberColumn) -> list[Number]:
    digits = [f"+{value}" if length else None for value, length in zip(column.digits, column.length, strict=True)]
    return [Number(number, column.kinds[kind]) for number, kind in zip(digits, column.kind, strict=True)]


@settings(deadline=None)
@given(_rows)
def test_columns_agree_with_the_specification(rows: list[tuple[str | None, int, int]]) -> None:
    """Number, class, country and state of every row, and whether the plan's domestic set holds it."""
    dialled, which, days = ([row[part] for row in rows] for part in range(3))
    column = _column(dialled, which, days)
    expected = [
        classify(text, PROFILES[profile], date(1970, 1, 1) + timedelta(days=day), area_codes())
        for text, profile, day in rows
    ]
    assert expected == _numbers(column)
    assert [is_domestic(number, PLAN) for number in expected] == domestic_column(column, PLAN).tolist()


def test_the_length_says_how_many_digits_there_are() -> None:
    """`digits` and `length` are what the prefix index looks up."""
    column = _column(["+442079460123", "911"], [0, 0], [20_700, 20_700])
    assert [442079460123, 0] == column.digits.tolist()
    assert [12, 0] == column.length.tolist()


def test_text_columns() -> None:
    """Class, country and state as Arrow text with nulls."""
    column = _column(["2125550100", "+442079460123", "911", "?"], [0] * 4, [20_700] * 4)
    assert ["US_LOWER48_DC", "INTERNATIONAL", "EMERGENCY", "INVALID"] == column.number_class().to_pylist()
    assert ["US", "GB", "US", None] == column.country().to_pylist()
    assert ["NY", None, None, None] == column.state().to_pylist()


def test_common_forms_are_read_in_columns() -> None:
    """The specification is not asked for digits with plus, 011, 00, ten and eleven digits, or national digits."""
    dialled = ["+12125550100", "011442079460123", "2125550100", "12125550100", "00442079460123", "02079460123"]
    with patch.object(batch, "number_or_short_code") as asked:
        column = _column(dialled, [0, 0, 0, 0, 1, 2], [20_700] * 6)
    assert 0 == asked.call_count
    assert [11, 12, 11, 11, 12, 12] == column.length.tolist()


def test_each_other_text_is_read_once() -> None:
    """A thousand calls to 911 are one question."""
    with patch.object(batch, "number_or_short_code", wraps=batch.number_or_short_code) as asked:
        _column(["911"] * 1000, [0] * 1000, [20_700] * 1000)
    assert 1 == asked.call_count
