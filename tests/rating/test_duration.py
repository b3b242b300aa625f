"""Milliseconds become whole seconds once, then increments."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rating.duration import (
    ROUND_UP_FROM,
    billed_seconds,
    billed_seconds_column,
    whole_seconds,
    whole_seconds_column,
)

DURATIONS_MS = st.integers(0, 2**63 - 1)
INCREMENTS = st.integers(1, 86_400)


@pytest.mark.parametrize(
    ("ceil", "half_up", "floor", "measured_ms"),
    [
        (0, 0, 0, 0),
        (1, 0, 0, 1),
        (1, 0, 0, 499),
        (1, 1, 0, 500),
        (1, 1, 1, 1000),
        (2, 1, 1, 1001),
        (2, 2, 1, 1999),
        (61, 60, 60, 60_100),
    ],
)
def test_whole_seconds_by_each_rule(ceil, half_up, floor, measured_ms):
    """`ceil` counts a begun second, `half_up` one from 500 ms on, `floor` a complete one."""
    assert ceil == whole_seconds(measured_ms, "ceil")
    assert half_up == whole_seconds(measured_ms, "half_up")
    assert floor == whole_seconds(measured_ms, "floor")


@pytest.mark.parametrize(
    ("billed", "seconds", "initial", "following"),
    [
        (0, 0, 60, 60),
        (60, 1, 60, 60),
        (60, 60, 60, 60),
        (120, 61, 60, 60),
        (66, 61, 60, 6),
        (66, 66, 60, 6),
        (72, 67, 60, 6),
        (30, 7, 30, 6),
        (36, 31, 30, 6),
        (7, 7, 1, 1),
        # the first increment is no multiple of the next: 10, then 10 + 6, then 10 + 12
        (10, 10, 10, 6),
        (16, 11, 10, 6),
        (22, 17, 10, 6),
    ],
)
def test_increments(billed, seconds, initial, following):
    """The first increment is charged whole, then whole further ones from its end on."""
    assert billed == billed_seconds(seconds, initial, following)


@given(st.integers(1, 10**9), INCREMENTS, INCREMENTS)
def test_billed_seconds_cover_the_call_by_less_than_one_increment(seconds, initial, following):
    """Billed seconds are never below the call, and the last increment was begun."""
    billed = billed_seconds(seconds, initial, following)
    assert seconds <= billed
    assert billed == initial or billed - following < seconds
    assert 0 == (billed - initial) % following


@given(st.lists(DURATIONS_MS, max_size=30), st.sampled_from(["ceil", "half_up", "floor"]))
def test_seconds_of_a_column_equal_those_one_by_one(durations, rounding):
    """The column agrees up to the largest duration that 64 bits hold."""
    column = whole_seconds_column(np.array(durations, np.int64), np.int64(ROUND_UP_FROM[rounding]))
    assert [whole_seconds(ms, rounding) for ms in durations] == column.tolist()


@given(st.lists(st.tuples(st.integers(0, 10**16), INCREMENTS, INCREMENTS), min_size=1, max_size=30))
def test_increments_of_a_column_equal_those_one_by_one(rows):
    """The column agrees for every pair of increments."""
    seconds, initial, following = np.array(rows, np.int64).T
    assert [billed_seconds(*row) for row in rows] == billed_seconds_column(seconds, initial, following).tolist()
