"""Numbers as integers with a count of digits: leading zeros are digits like others."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rating.numbering.digit_columns import Digits, read_dialled


def _digits(*texts: str) -> Digits:
    return Digits(np.array([int(text or 0) for text in texts]), np.array([len(text) for text in texts]))


def _texts(digits: Digits) -> list[str]:
    return [f"{value:0{length}}" if length else "" for value, length in zip(*digits, strict=True)]


def test_leading_digits() -> None:
    """Of 00442 the first two are 00, which is the value 0; a shorter number is taken whole."""
    assert [0, 44, 7] == _digits("00442", "4420", "7").leading(2).tolist()


def test_what_follows_the_leading_digits() -> None:
    """Zeros behind a prefix stay digits; nothing is left of a shorter number."""
    assert ["0442", "20", "", ""] == _texts(_digits("000442", "4420", "7", "").without(2))


def test_a_prefix_before_numbers() -> None:
    """The country code goes before the zeros too; a number without digits stays none, one without room becomes none."""
    assert ["390612", "", ""] == _texts(_digits("0612", "", "1" * 17).behind(39))


@pytest.mark.parametrize(
    ("number", "prefix", "expected"),
    [
        ("00442", "00", True),
        ("0442", "00", False),
        ("0442", "0", True),
        ("442", "0", False),
        ("01144", "011", True),
        ("11", "011", False),
        ("", "0", False),
    ],
)
def test_beginnings(number: str, prefix: str, expected: bool) -> None:
    """011 is three digits, and 11 is none of its beginnings."""
    assert [expected] == _digits(number).starts_with(prefix).tolist()


def test_only_some_numbers_are_kept() -> None:
    """The others become none, of no digits."""
    kept = _digits("123", "456").where(np.array([True, False]))
    assert (["123", ""], [3, 0]) == (_texts(kept), kept.length.tolist())


def test_rows_are_taken_in_order() -> None:
    """As numpy takes them."""
    assert ["3", "1"] == _texts(_digits("1", "2", "3").take(np.array([2, 0])))


@pytest.mark.parametrize(
    ("text", "number", "has_plus", "is_regular"),
    [
        ("+12125550100", "12125550100", True, True),
        ("00442079460123", "00442079460123", False, True),
        ("911", "911", False, True),
        ("123456789012345678", "123456789012345678", False, True),
        ("1234567890123456789", "", False, False),
        ("++12", "", False, False),
        ("1+2", "", False, False),
        ("+", "", False, False),
        ("", "", False, False),
        (None, "", False, False),
        ("12a", "", False, False),
        ("-12", "", False, False),
        ("0x1F", "", False, False),
        (" 12", "", False, False),
        ("12\n", "", False, False),
        ("\uff11\uff12", "", False, False),
    ],
)
def test_texts_are_digits_or_not(text: str | None, number: str, has_plus: bool, is_regular: bool) -> None:
    """At most 18 digits, with one plus before them or none; hexadecimal, signs and other scripts are no digits."""
    read = read_dialled(pa.array([text], pa.string()))
    assert ([number], [has_plus], [is_regular]) == (
        _texts(read.digits), read.has_plus.tolist(), read.is_regular.tolist(),
    )  # fmt: skip


def test_one_odd_text_does_not_touch_the_others() -> None:
    """Whole columns of digits go the fast way, mixed ones give the same."""
    texts = ["+4420", "007", "abc", None, "12"]
    assert ["4420", "007", "", "", "12"] == _texts(read_dialled(pa.array(texts)).digits)


@settings(deadline=None)
@given(st.lists(st.from_regex(r"[0-9]{0,15}", fullmatch=True), min_size=1, max_size=10), st.integers(0, 5))
def test_cutting_is_cutting_text(texts: list[str], count: int) -> None:
    """For any digits: the first ones and the rest are those of the text."""
    digits = _digits(*texts)
    assert [text[count:] for text in texts] == _texts(digits.without(count))
    for text, leading in zip(texts, digits.leading(count).tolist(), strict=True):
        if len(text) >= count:
            assert int(text[:count] or 0) == leading
