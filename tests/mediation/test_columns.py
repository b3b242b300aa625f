"""Batches are put together row by row."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mediation.columns import as_mask, interleaved, joined, known_rows, number_column, numbers_of, same_in_all

SCHEMA = pa.schema([("number", pa.int64()), ("text", pa.string()), ("nothing", pa.string())])


def a_batch(numbers: list[int]) -> pa.RecordBatch:
    texts = [None if number % 3 == 0 else str(number) for number in numbers]
    return pa.record_batch(
        [pa.array(numbers, pa.int64()), pa.array(texts, pa.string()), pa.nulls(len(numbers), pa.string())], SCHEMA
    )


def put_together(rows: list[list[tuple[int, bool]]]) -> pa.RecordBatch:
    """Batches of numbers that are their own positions; kept where it says so."""
    batches = [a_batch([number for number, _ in batch]) for batch in rows]
    positions = [np.array([number for number, _ in batch], np.int64) for batch in rows]
    return interleaved(batches, positions, [np.array([kept for _, kept in batch], bool) for batch in rows])


@pytest.mark.parametrize("step", [2, 300])
def test_rows_go_where_they_belong(step: int) -> None:
    """Whether few or many rows of one batch stand between those of the other."""
    others = set(range(0, 1_000, step))
    rows = [[(number, number not in others) for number in range(1_000)], [(number, True) for number in sorted(others)]]
    assert a_batch(list(range(1_000))) == put_together(rows)


def test_one_batch_is_not_copied() -> None:
    """The usual case: all rows were read in columns."""
    batch = a_batch([1, 2])
    empty = a_batch([])
    everything = [np.ones(2, bool), np.ones(0, bool)]
    assert batch is interleaved([batch, empty], [np.arange(2), np.arange(0)], everything)


@given(st.dictionaries(st.integers(0, 400), st.tuples(st.integers(0, 2), st.booleans())))
def test_kept_rows_in_their_order(placed: dict[int, tuple[int, bool]]) -> None:
    """Rows of three batches, some of them dropped."""
    rows = [[(at, kept) for at, (batch, kept) in sorted(placed.items()) if batch == number] for number in range(3)]
    assert a_batch([at for at, (_, kept) in sorted(placed.items()) if kept]) == put_together(rows)


def test_batches_one_after_the_other() -> None:
    """Columns that hold nothing stay so."""
    assert a_batch([1, 2, 3]) == joined([a_batch([1]), a_batch([]), a_batch([2, 3])])


def test_masks_and_numbers_of_a_part_of_a_column() -> None:
    """Also where the part does not begin with a whole byte of marks."""
    numbers = pa.array([None, 1, 2, None, 4, *range(5, 20)], pa.int32()).slice(1, 5)
    assert [True, True, False, True, True] == known_rows(numbers).tolist()
    assert [1, 2, 4, 5] == numbers_of(numbers)[known_rows(numbers)].tolist()
    truths = pa.array([True, False, True, True] * 5).slice(3, 9)
    assert [True, True, False, True, True, True, False, True, True] == as_mask(truths).tolist()
    assert [] == as_mask(truths.slice(0, 0)).tolist()


@pytest.mark.parametrize("data_type", [pa.int64(), pa.int32(), pa.timestamp("us", "UTC")])
def test_numbers_become_columns(data_type: pa.DataType) -> None:
    """Nothing is known where nothing is said to be."""
    values = np.array([1, -1, 2, 3, 4, 5, 6, 7, 8, 9])
    known = values != -1
    expected = pa.array([1, None, 2, 3, 4, 5, 6, 7, 8, 9], data_type)
    assert expected == number_column(values, known, data_type)
    assert expected.drop_null() == number_column(values[known], known[known], data_type)


@pytest.mark.parametrize("count", [0, 5, 20_000])
def test_one_value_in_all_rows(count: int) -> None:
    """Few or many."""
    assert pa.array(["STOP"] * count, pa.string()) == same_in_all("STOP", pa.string(), count)
    assert count == same_in_all(None, pa.string(), count).null_count
