"""Money is read exactly, kept as whole nanos, and printed exactly."""

from decimal import Decimal, localcontext

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rating.money import NANOS_MAX, arrow_to_nanos, nanos_to_arrow, nanos_to_decimal, nanos_to_text, parse_nanos
from schemas.ledger import MONEY

NANOS = st.integers(-NANOS_MAX, NANOS_MAX)


@pytest.mark.parametrize(
    ("nanos", "text"),
    [
        (0, "0"),
        (11_500_000, "0.0115"),
        (1, "0.000000001"),
        (12_000_000_000, "12"),
        (100_000_000, "0.10"),
        (999_999_999_999_999_999, "999999999.999999999"),
    ],
)
def test_published_text_becomes_nanos(nanos, text):
    """One unit is 10**9 nanos, so the n-th decimal counts 10**(9 - n)."""
    assert nanos == parse_nanos(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".5",
        "1.",
        "-1",
        "+1",
        "1e3",
        "1_000",
        "1,5",
        " 1",
        "1 ",
        "0.0000000001",
        "1234567890",
        "NaN",
        "1.2.3",
        "\u0661",
    ],
)
def test_other_text_is_refused_with_what_was_found(text):
    """Signs, exponents, separators, blanks, foreign digits and a tenth decimal are not rates."""
    with pytest.raises(ValueError, match="is not money") as refused:
        parse_nanos(text)
    assert repr(text) in str(refused.value)


def test_decimal_does_not_depend_on_the_ambient_context():
    """A caller with a precision of three digits still gets every digit."""
    with localcontext() as context:
        context.prec = 3
        assert "123456789.123456789" == str(nanos_to_decimal(123_456_789_123_456_789))


@pytest.mark.parametrize(
    ("text", "nanos"),
    [("0", 0), ("0.0015", 1_500_000), ("2", 2 * 10**9), ("-0.5", -500_000_000), ("100", 10**11)],
)
def test_short_text_drops_zeros_after_the_point_only(text, nanos):
    """100 stays 100; 0.001500000 is printed as 0.0015."""
    assert text == nanos_to_text(nanos)


@given(st.integers(0, NANOS_MAX))
def test_text_and_nanos_round_trip(nanos):
    """Nothing is lost between the integer and its text."""
    assert nanos == parse_nanos(nanos_to_text(nanos))


@given(st.lists(NANOS))
def test_arrow_column_holds_the_same_amounts(nanos):
    """The column is DECIMAL(18,9), valid, and equal to the decimals one by one, negative ones included."""
    column = nanos_to_arrow(np.array(nanos, dtype=np.int64))
    column.validate(full=True)
    assert pa.decimal128(18, 9) == column.type
    assert [nanos_to_decimal(value) for value in nanos] == column.to_pylist()
    assert [Decimal(value).scaleb(-9) for value in nanos] == column.to_pylist()


@settings(deadline=None)
@given(st.lists(st.none() | st.integers(-NANOS_MAX, NANOS_MAX), max_size=20), st.integers(0, 5))
def test_arrow_becomes_nanos_again(amounts, cut):
    """Whole nanos come back from DECIMAL(18,9), from a slice too; a null is 0."""
    column = pa.array([None if nanos is None else nanos_to_decimal(nanos) for nanos in amounts], MONEY).slice(cut)
    assert [nanos or 0 for nanos in amounts[cut:]] == arrow_to_nanos(column).tolist()
