"""Months of a trunk day by day: the sums of its days, and which of several limits counts at an instant."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from pipeline.usage.capacity import _month, _without_handovers
from pipeline.usage.trunk_days import Calendar, LimitStep, day_limits, limit_at
from rating.concurrency_batch import NO_LIMIT
from rating.timelines import to_microseconds

HOUR = 3_600_000_000


def a_day(number: int, peak: int, **fields: Any) -> dict[str, Any]:
    """A day of October of trunk t1 with a peak at noon."""
    known = {
        "trunk_id": "t1", "day": date(2026, 10, number), "channel_limit": 10, "peak": peak,
        "peak_first_at": datetime(2026, 10, number, 12, tzinfo=UTC), "over_limit_ms": 0, "answered_over_limit": 0,
        "refused": 0, "channel_ms": 0,
    }  # fmt: skip
    return known | fields


@pytest.mark.parametrize(
    ("peaks", "expected"), [([1], 1), ([1, 3, 2], 2), ([5, 5], 1), ([0, 0, 4, 4], 3), ([9, 1, 9], 1)]
)
def test_the_busiest_day_gives_the_peak_of_the_month(peaks: list[int], expected: int) -> None:
    """Of equals the first, with its instant and its limit."""
    days = [a_day(number, peak, channel_limit=number * 10) for number, peak in enumerate(peaks, start=1)]
    month = _month(days)
    assert (max(peaks), datetime(2026, 10, expected, 12, tzinfo=UTC), expected * 10) == (
        month["peak"], month["peak_first_at"], month["channel_limit"]
    )  # fmt: skip


def test_all_else_is_summed() -> None:
    """Time, calls above the limit and refused calls; a month has no day."""
    days = [
        a_day(1, 2, over_limit_ms=5, answered_over_limit=1, refused=7, channel_ms=100),
        a_day(2, 1, over_limit_ms=6, answered_over_limit=2, refused=0, channel_ms=50),
    ]
    month = _month(days)
    assert (11, 3, 7, 150) == tuple(
        month[name] for name in ("over_limit_ms", "answered_over_limit", "refused", "channel_ms")
    )
    assert "day" not in month


STEPS = [LimitStep(10, 5), LimitStep(20, 8), LimitStep(30, NO_LIMIT), LimitStep(40, 2)]


@pytest.mark.parametrize(
    ("instant", "limit"), [(9, None), (10, 5), (19, 5), (20, 8), (29, 8), (30, None), (39, None), (40, 2), (10**15, 2)]
)
def test_the_limit_at_an_instant(instant: int, limit: int | None) -> None:
    """From its first microsecond on; none before the trunk and after its end, whatever order the steps are in."""
    assert limit == limit_at(STEPS, instant)
    assert limit == limit_at(reversed(STEPS), instant)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], []),
        ([(10, 5), (20, NO_LIMIT)], [(10, 5), (20, NO_LIMIT)]),
        ([(10, 5), (20, NO_LIMIT), (20, 8)], [(10, 5), (20, 8)]),
        ([(20, 8), (20, NO_LIMIT), (10, 5)], [(10, 5), (20, 8)]),
        ([(10, 5), (20, NO_LIMIT), (30, 8), (40, NO_LIMIT)], [(10, 5), (20, NO_LIMIT), (30, 8), (40, NO_LIMIT)]),
    ],
)
def test_an_end_where_another_limit_begins_is_none(
    steps: list[tuple[int, int]], expected: list[tuple[int, int]]
) -> None:
    """Only the beginning counts; a gap stays a gap."""
    assert expected == [tuple(step) for step in _without_handovers([LimitStep(*step) for step in steps])]


@pytest.mark.parametrize(
    ("zone", "first", "days", "hours"),
    [
        ("UTC", date(2026, 2, 1), 28, 28 * 24),
        ("Europe/Berlin", date(2026, 3, 1), 31, 31 * 24 - 1),
        ("Europe/Berlin", date(2026, 10, 1), 31, 31 * 24 + 1),
        ("America/New_York", date(2026, 11, 1), 30, 30 * 24 + 1),
        ("Asia/Kolkata", date(2026, 10, 1), 31, 31 * 24),
        ("Pacific/Auckland", date(2026, 12, 1), 31, 31 * 24),
    ],
)
def test_hours_of_a_month(zone: str, first: date, days: int, hours: int) -> None:
    """One less where clocks go forward, one more where they go back; the year may turn."""
    calendar = Calendar.month(first, days, zone)
    assert hours * HOUR == int(calendar.midnights[-1] - calendar.midnights[0])
    assert first + timedelta(days=days - 1) == calendar.days[-1]


@pytest.mark.parametrize(
    ("zone", "utc"),
    [
        ("UTC", datetime(2026, 10, 1, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2026, 9, 30, 18, 30, tzinfo=UTC)),
        ("America/Chicago", datetime(2026, 10, 1, 5, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2026, 9, 30, 11, tzinfo=UTC)),
    ],
)
def test_the_first_midnight_of_a_zone(zone: str, utc: datetime) -> None:
    """India is 5:30 ahead, Chicago 5 behind in summer, Auckland 13 ahead in its own."""
    assert to_microseconds(utc) == int(Calendar.month(date(2026, 10, 1), 31, zone).midnights[0])


def test_limits_of_each_day_begin_with_what_holds_at_midnight() -> None:
    """Day 0: 5, and 8 from six in the morning; days 1 and 2: 8; a change at midnight is no change of the day."""
    calendar = Calendar.month(date(2026, 10, 1), 3, "UTC")
    first = int(calendar.midnights[0])
    steps = [LimitStep(first - HOUR, 5), LimitStep(first + 6 * HOUR, 8), LimitStep(first + 48 * HOUR, 9)]
    found = day_limits({0: steps, 1: []}, calendar)
    hours = [(int(since) - first) // HOUR for since in found[1]]
    assert [(0, 0, 5), (0, 6, 8), (1, 24, 8), (2, 48, 9)] == list(
        zip(np.asarray(found[0]).tolist(), hours, np.asarray(found[2]).tolist(), strict=True)
    )
