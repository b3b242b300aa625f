"""Money in JSON: every digit, no exponent, nothing through a float."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.registry.exact_json import exact_json

MONEY = st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**15), max_value=10**15)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0", "0"), ("0.000000000", "0.000000000"), ("0.000000001", "0.000000001"), ("1E-7", "0.0000001"),
        ("12345678901234567890.123456789", "12345678901234567890.123456789"), ("-0.5", "-0.5"), ("1E+3", "1000"),
    ],
)  # fmt: skip
def test_amounts_are_written_out(amount: str, expected: str) -> None:
    """As numbers, with the digits that they have."""
    assert f'{{"charge":{expected}}}'.encode() == exact_json({"charge": Decimal(amount)})


@given(st.recursive(MONEY | st.text() | st.integers(-(2**53), 2**53) | st.none() | st.booleans(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_what_is_written_is_read_back(value: object) -> None:
    """By any reader that keeps decimals."""
    assert value == json.loads(exact_json(value), parse_float=Decimal)


def test_rows_are_arrays() -> None:
    """Rows of usage are tuples."""
    assert b'[["A",0.10,2]]' == exact_json([("A", Decimal("0.10"), 2)])
