"""Small tables of ledger columns: a row of nulls at the end, types of the ledger, questions as numpy columns."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rating.rated import RATED_SCHEMA
from rating.tables import integers, is_null, is_true, nothing, table_of, taken_columns


@pytest.mark.parametrize(
    ("columns", "size"),
    [
        ({"prefix": []}, 0),
        ({"prefix": ["1"]}, 1),
        ({"prefix": ["1", "44"], "initial_seconds": [6, 60]}, 2),
        ({"deck_id": ["out"] * 5}, 5),
    ],
)
def test_the_last_row_knows_nothing(columns: dict[str, list[object]], size: int) -> None:
    """One row more than was given, null in every column, also where the ledger needs a value."""
    table = table_of(**columns)
    assert (size, size + 1) == (nothing(table), table.num_rows)
    assert [None] * len(columns) == [column[-1].as_py() for column in table.columns]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", "RATED"),
        ("prefix", "4420"),
        ("initial_seconds", 6),
        ("billed_seconds", 61),
        ("rate_per_minute", Decimal("0.009800000")),
        ("charge", Decimal("12.254900000")),
    ],
)
def test_a_column_has_the_type_of_the_ledger(name: str, value: object) -> None:
    """Text stays text, money keeps nine decimals, and the column of required values takes nulls too."""
    table = table_of(**{name: [value]})
    assert RATED_SCHEMA.field(name).type == table.schema.field(name).type
    assert table.schema.field(name).nullable
    assert [value, None] == table.column(name).to_pylist()


def test_a_column_that_no_ledger_has() -> None:
    """A misspelt name is an error at once."""
    with pytest.raises(KeyError, match="prefxi"):
        table_of(prefxi=["1"])


def test_columns_of_two_lengths_make_no_table() -> None:
    """A row would be half of one call and half of another."""
    with pytest.raises(ValueError, match="same length: 2 vs 3"):
        table_of(prefix=["1", "44"], destination=["United States"])


def test_a_call_takes_its_row_or_nothing() -> None:
    """Positions pick rows; the last position is for calls that have none."""
    table = table_of(prefix=["1", "44"], next_seconds=[1, 6])
    picked = table.take(pa.array([1, nothing(table), 0]))
    assert ["44", None, "1"] == picked.column("prefix").to_pylist()
    assert [6, None, 1] == picked.column("next_seconds").to_pylist()


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], []), ([None], [True]), (["", None, "a"], [False, True, False]), (["a", "b"], [False, False])],
)
def test_what_is_missing(values: list[str | None], expected: list[bool]) -> None:
    """Empty text is a value; null is none."""
    assert expected == is_null(pa.array(values, pa.string())).tolist()


def test_what_is_missing_in_a_slice() -> None:
    """A slice of a batch counts from its own first row."""
    assert [True, False] == is_null(pa.array(["a", None, "b"]).slice(1)).tolist()
    assert [False, True] == is_true(pa.array([True, False, True]).slice(1)).tolist()


def test_flags_and_numbers_are_numpy_columns() -> None:
    """Of one bit's meaning and of 64 bits, from any iterable."""
    assert np.bool_ == is_true(pa.array([True, False])).dtype
    assert np.int64 == integers(number for number in (1, 2)).dtype
    assert [2**62, -1] == integers([2**62, -1]).tolist()
    assert [] == integers([]).tolist()


FIXED_WIDTH = [
    (pa.int32(), st.integers(-(2**31), 2**31 - 1)),
    (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    (pa.decimal128(18, 9), st.decimals(min_value=-(10**8), max_value=10**8, places=9)),
    (pa.dictionary(pa.int32(), pa.string()), st.sampled_from(["", "Malta", "Guam"])),
]


@given(st.data())
def test_columns_are_taken_as_arrow_takes_them(data: st.DataObject) -> None:
    """Nulls in the same rows of two columns or in others, repeated rows, no rows, and tables that begin in another."""
    size = data.draw(st.integers(2, 12))
    columns = []
    for data_type, values in data.draw(st.lists(st.sampled_from(FIXED_WIDTH), min_size=1, max_size=4)):
        filled = st.lists(st.none() | values, min_size=size, max_size=size)
        columns.append(pa.array(data.draw(filled), data_type))
    table = pa.RecordBatch.from_arrays(columns, [str(number) for number in range(len(columns))])[1:]
    position = np.array(data.draw(st.lists(st.integers(0, size - 2))), np.int64)
    for column, found in zip(table.columns, taken_columns(table, position), strict=True):
        found.validate(full=True)
        assert column.take(pa.array(position)).equals(found)


def test_texts_are_taken_as_dictionaries() -> None:
    """Each text of the table is kept once."""
    (found,) = taken_columns(table_of(deck_id=["in", "out"]), np.array([1, 1, 2, 0]))
    assert (["out", "out", None, "in"], ["in", "out"]) == (found.to_pylist(), found.dictionary.to_pylist())
