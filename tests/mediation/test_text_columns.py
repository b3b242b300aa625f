"""Columns of texts become columns of facts, in columns that are parts of larger ones as well."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mediation.draft import Unreadable
from pipeline.mediation.text_columns import figures, is_blank, known_texts, known_where, long_numbers, whole_numbers
from pipeline.mediation.values import figure, text_or_none, whole_number

TEXTS = st.lists(st.sampled_from(["", "0", "7", "007", "123456789", "1234567890", "-1", " 5", "x", "9" * 16, None]))


def a_part(texts: list[str | None]) -> pa.Array:
    """The texts as a part of a larger column."""
    return pa.array(["before", None, *texts, "behind"], pa.string()).slice(2, len(texts))


@pytest.mark.parametrize("column", [lambda texts: pa.array(texts, pa.string()), a_part])
@pytest.mark.parametrize("texts", [["a", "", None], ["a", "b"], ["", None], []])
def test_empty_texts_are_unknown(column: type, texts: list[str | None]) -> None:
    """As `text_or_none` says it, whether all, some or none of them are empty."""
    found = column(texts)
    assert [text_or_none(text) for text in texts] == known_texts(found).to_pylist()
    assert [not text for text in texts] == is_blank(found).tolist()


def test_texts_of_some_rows() -> None:
    """The others are unknown, and the column that they are from stays as it was."""
    texts = pa.array(["a", "b", "c"])
    assert ["a", None, "c"] == known_where(texts, is_blank(pa.array(["", "x", ""]))).to_pylist()
    assert ["a", "b", "c"] == texts.to_pylist()


@given(TEXTS)
def test_numbers_are_those_of_the_specification(texts: list[str | None]) -> None:
    """Wherever the column says that it can read them."""
    for column in (pa.array(texts, pa.string()), a_part(texts)):
        numbers, readable = whole_numbers(column)
        filled, _ = whole_numbers(column, blank=0)
        long, long_readable = long_numbers(column)
        for text, number, fill, known, large, is_large in zip(
            texts, numbers.to_pylist(), filled.to_pylist(), readable, long.to_pylist(), long_readable, strict=True
        ):
            assert not known or (_whole(text), _whole(text) or 0) == (number, fill)
            assert not is_large or not text or _whole(text) == large
            assert known or text not in {"", "0", "7", "123456789", None}


def _whole(text: str | None) -> int | None:
    try:
        return whole_number("x", text)
    except Unreadable:
        return None


@given(TEXTS)
def test_figures_are_those_of_the_specification(texts: list[str | None]) -> None:
    """All of them."""
    assert [figure(text) for text in texts] == figures(pa.array(texts, pa.string())).to_pylist()
