"""Step functions of time in two flat arrays: what holds when, against a walk over the steps."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rating.timelines import ALWAYS, Timelines, to_microseconds

LIMIT = 2**62


def column(*values: int) -> np.ndarray:
    """Whole numbers of 64 bits."""
    return np.array(values, np.int64)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), 1_000_000),
        (datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC), 1),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
        (datetime(1970, 1, 2, tzinfo=UTC), 86_400_000_000),
        # 56 years and 14 leap days: 20,454 days; 274 more to the first day of October.
        (datetime(2026, 1, 1, tzinfo=UTC), 20_454 * 86_400_000_000),
        (datetime(2026, 10, 1, tzinfo=UTC), 20_727 * 86_400_000_000),
        (datetime(1970, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), 0),
        (datetime(1970, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=45))), -20_700_000_000),
    ],
)
def test_microseconds_of_an_instant(instant: datetime, expected: int) -> None:
    """Counted from 1970 in UTC, whatever the zone, without a float on the way."""
    assert expected == to_microseconds(instant)


@given(st.datetimes(timezones=st.just(UTC)))
def test_no_microsecond_is_lost(instant: datetime) -> None:
    """The count leads back to the instant exactly, from year 1 to year 9999."""
    assert instant == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=to_microseconds(instant))


CHANGES = Timelines.build([
    [(ALWAYS, 10), (100, 11), (200, 12)],
    [(ALWAYS, 20)],
    [(ALWAYS, 30), (-50, 31), (150, 32), (151, 33)],
])  # fmt: skip


@pytest.mark.parametrize(
    ("timeline", "instant", "expected"),
    [
        (0, -LIMIT, 10), (0, 99, 10), (0, 100, 11), (0, 199, 11), (0, 200, 12), (0, LIMIT, 12),
        (1, -LIMIT, 20), (1, 0, 20), (1, LIMIT, 20),
        (2, -51, 30), (2, -50, 31), (2, 149, 31), (2, 150, 32), (2, 151, 33), (2, LIMIT, 33), (2, ALWAYS, 30),
    ],
)  # fmt: skip
def test_a_step_holds_from_its_start_to_the_next(timeline: int, instant: int, expected: int) -> None:
    """Half-open: the first microsecond belongs to the new value."""
    assert [expected] == CHANGES.at(column(timeline), column(instant)).tolist()


def test_many_questions_are_answered_in_their_order() -> None:
    """New and old, of several timelines, mixed, the same one more than once."""
    found = CHANGES.at(column(2, 0, 1, 0, 2, 0), column(-51, 200, 5, 99, 151, 100))
    assert [30, 12, 20, 10, 33, 11] == found.tolist()


def test_no_question_has_no_answer() -> None:
    """An empty batch stays empty."""
    assert [] == CHANGES.at(column(), column()).tolist()


def test_no_timeline_at_all() -> None:
    """A book without trunks."""
    assert 0 == Timelines.build([]).newest.size


def test_a_lookup_changes_nothing() -> None:
    """The arrays belong to the book, which a million calls share."""
    before = [array.copy() for array in CHANGES]
    timeline, instant = column(0, 2), column(0, 0)
    CHANGES.at(timeline, instant)
    assert all((old == new).all() for old, new in zip(before, CHANGES, strict=True))
    assert ([0, 2], [0, 0]) == (timeline.tolist(), instant.tolist())


def test_where_each_timeline_ends() -> None:
    """Three steps, then one, then four: the newest ones are at 2, 3 and 7."""
    assert [2, 3, 7] == CHANGES.newest.tolist()
    assert 8 == CHANGES.since.size == CHANGES.value.size


STEPS = st.lists(st.tuples(st.integers(-1000, 1000), st.integers(-5, 5)), max_size=6, unique_by=lambda step: step[0])
LINES = st.lists(STEPS.map(lambda steps: [(ALWAYS, 0), *sorted(steps)]), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(LINES, st.lists(st.tuples(st.integers(0, 3), st.integers(-1100, 1100)), max_size=8))
def test_the_arrays_say_what_the_steps_say(lines: list[list[tuple[int, int]]], asked: list[tuple[int, int]]) -> None:
    """Walking the steps of one timeline from the first to the last that has begun gives the same value."""
    questions = [(number % len(lines), instant) for number, instant in asked]
    expected = [[value for since, value in lines[number] if since <= instant][-1] for number, instant in questions]
    found = Timelines.build(lines).at(
        column(*(number for number, _ in questions)), column(*(instant for _, instant in questions))
    )
    assert expected == found.tolist()
