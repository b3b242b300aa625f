"""Batches are put together row by row."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mediation.columns import interleaved, joined

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
