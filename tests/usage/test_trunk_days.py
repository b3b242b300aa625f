"""Calls cut at the midnights of their account, and the limits of each day."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.usage.trunk_days import Calendar, LimitStep, cut_at_midnights, day_limits, limit_at
from rating.concurrency_batch import NO_LIMIT, Held
from rating.timelines import to_microseconds

OCTOBER = Calendar.month(date(2026, 10, 1), 31, "UTC")
HOUR = 3_600_000_000
FIRST = to_microseconds(datetime(2026, 10, 1, tzinfo=UTC))


def _held(*calls: tuple[int, int]) -> Held:
    """Calls of trunk 0 from one hour of the month to another."""
    start, end = (np.array([FIRST + call[part] * HOUR for call in calls], np.int64) for part in (0, 1))
    return Held.whole(np.zeros(len(calls), np.int64), start, end)


def _parts(found: Held) -> list[tuple[int, int, int, bool]]:
    """Day, hours of the month, whether it goes on."""
    hours = [(column - FIRST) // HOUR for column in (found.from_us, found.until_us)]
    return list(zip(found.trunk.tolist(), *(part.tolist() for part in hours), found.goes_on.tolist(), strict=True))


def test_a_month_has_a_midnight_more_than_days() -> None:
    """The last one begins the next month."""
    assert (31, 32) == (len(OCTOBER.days), len(OCTOBER.midnights))
    assert date(2026, 10, 31) == OCTOBER.days[-1]
    assert to_microseconds(datetime(2026, 11, 1, tzinfo=UTC)) == OCTOBER.midnights[-1]


def test_a_day_of_a_changed_clock_has_an_hour_more() -> None:
    """The first of November 2026 has 25 hours in Chicago."""
    november = Calendar.month(date(2026, 11, 1), 30, "America/Chicago")
    assert [25, 24] == (np.diff(november.midnights)[:2] // HOUR).tolist()


def test_a_call_within_a_day_is_one_part() -> None:
    """It keeps its times."""
    assert [(0, 1, 2, False)] == _parts(cut_at_midnights(_held((1, 2)), OCTOBER))


def test_a_call_over_midnights_is_cut_there() -> None:
    """Its later parts go on; a call that ends at midnight has no part of the next day."""
    assert [(0, 23, 24, False), (1, 24, 48, True), (2, 48, 49, True)] == _parts(
        cut_at_midnights(_held((23, 49)), OCTOBER)
    )
    assert [(0, 23, 24, False)] == _parts(cut_at_midnights(_held((23, 24)), OCTOBER))


def test_only_the_month_counts() -> None:
    """What began before goes on from its first instant, what ends later ends with its last; others are not there."""
    end = 31 * 24
    calls = _held((-5, 1), (end - 1, end + 5), (-5, -1), (end, end + 1), (3, 3))
    assert [(0, 0, 1, True), (30, end - 1, end, False)] == _parts(cut_at_midnights(calls, OCTOBER))


def test_trunks_have_days_of_their_own() -> None:
    """Day d of trunk t is number 31 t + d."""
    held = _held((1, 2), (25, 26))._replace(trunk=np.array([2, 1]))
    assert [62, 32] == cut_at_midnights(held, OCTOBER).trunk.tolist()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-100, 900), st.integers(0, 200)), max_size=10))
def test_no_second_is_lost_or_twice(calls: list[tuple[int, int]]) -> None:
    """The parts of a call add up to its time within the month, each on one day."""
    held = _held(*((start, start + length) for start, length in calls))
    found = cut_at_midnights(held, OCTOBER)
    inside = np.minimum(held.until_us, OCTOBER.midnights[-1]) - np.maximum(held.from_us, OCTOBER.midnights[0])
    assert np.maximum(inside, 0).sum() == (found.until_us - found.from_us).sum()
    assert (found.from_us >= OCTOBER.midnights[found.trunk]).all()
    assert (found.until_us <= OCTOBER.midnights[found.trunk + 1]).all()


def test_each_day_begins_with_the_limit_that_holds() -> None:
    """And has the changes within it."""
    steps = {0: [LimitStep(FIRST - HOUR, 5), LimitStep(FIRST + 30 * HOUR, 8)]}
    limits = day_limits(steps, OCTOBER)
    rows = list(zip(limits.trunk.tolist(), ((limits.since_us - FIRST) // HOUR).tolist(), limits.channel_limit.tolist(),
                    strict=True))  # fmt: skip
    assert [(0, 0, 5), (1, 24, 5), (1, 30, 8), (2, 48, 8)] == rows[:4]
    assert 32 == len(rows)


def test_nothing_holds_before_the_first_limit() -> None:
    """And nothing of trunks without limits."""
    limits = day_limits({0: [LimitStep(FIRST + 30 * HOUR, 8)], 1: []}, OCTOBER)
    assert [1, 2, 3] == limits.trunk[:3].tolist()
    assert 30 == len(limits.trunk)


@pytest.mark.parametrize(("hours", "limit"), [(-1, None), (0, 5), (9, 5), (10, 8), (19, 8), (20, None), (99, None)])
def test_the_limit_at_an_instant(hours: int, limit: int | None) -> None:
    """None before the first one and after the end of the trunk."""
    steps = [LimitStep(FIRST + 10 * HOUR, 8), LimitStep(FIRST, 5), LimitStep(FIRST + 20 * HOUR, NO_LIMIT)]
    assert limit == limit_at(steps, FIRST + hours * HOUR)


def test_days_are_local() -> None:
    """Midnight in Auckland is eleven in the morning of the day before, by UTC."""
    auckland = Calendar.month(date(2026, 10, 1), 31, "Pacific/Auckland")
    expected = datetime(2026, 10, 1, tzinfo=UTC) - timedelta(hours=13)
    assert to_microseconds(expected) == auckland.midnights[0]
