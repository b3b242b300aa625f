"""Channel-days, the channel fee and the allowance, by the day."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rating.channels import (
    DayLimit,
    Segment,
    allowance_seconds,
    channel_fee,
    days_of,
    exact_fee,
    local_day,
    segments,
    trunk_segments,
)
from schemas.period import Period
from schemas.reference import ChannelLimit, Trunk, TrunkType

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


def _trunk(limits, since, until=None):
    return Trunk(
        trunk_id="t", account_id="a", name="T", type=TrunkType.STATIC, plan_id="p", location="l", country="US",
        effective_from=since, effective_until=until,
        channel_limits=tuple(ChannelLimit(effective_from=at, channel_limit=limit) for at, limit in limits),
    )  # fmt: skip


def test_a_limit_counts_from_its_first_day_on() -> None:
    """Twenty until the 10th of April, five from the 11th: 20 x 10 + 5 x 20 = 300 channel-days."""
    found = segments([DayLimit(date(2025, 6, 1), 20), DayLimit(date(2026, 4, 11), 5)], APRIL, MAY)
    assert [Segment(APRIL, date(2026, 4, 11), 20), Segment(date(2026, 4, 11), MAY, 5)] == found
    assert [200, 100] == [segment.channel_days for segment in found]


def test_the_day_on_which_a_trunk_ends_does_not_count() -> None:
    """From the 5th to the 19th are fifteen days."""
    (found,) = segments([DayLimit(date(2026, 4, 5), 3)], APRIL, MAY, ends=date(2026, 4, 20))
    assert 15 == found.days


@pytest.mark.parametrize(
    ("limits", "ends"),
    [([], None), ([DayLimit(MAY, 3)], None), ([DayLimit(date(2026, 1, 1), 3)], date(2026, 2, 1))],
)
def test_nothing_counts_outside_the_life_of_a_trunk(limits: list[DayLimit], ends: date | None) -> None:
    """No limit yet, a start after the period, an end before it."""
    assert [] == segments(limits, APRIL, MAY, ends)


def test_of_two_changes_on_one_day_the_later_counts() -> None:
    """And a change back to the same number is no new stretch."""
    day = date(2026, 4, 11)
    limits = [DayLimit(date(2026, 1, 1), 5), DayLimit(day, 9), DayLimit(day, 5)]
    assert [Segment(APRIL, MAY, 5)] == segments(limits, APRIL, MAY)


def test_a_day_is_a_local_day() -> None:
    """2026-10-16T05:00Z is midnight in Chicago, and still the 15th in Denver."""
    instant = datetime(2026, 10, 16, 5, tzinfo=UTC)
    assert date(2026, 10, 16) == local_day(instant, "America/Chicago")
    assert date(2026, 10, 15) == local_day(instant, "America/Denver")


def test_segments_of_a_trunk() -> None:
    """Heron's dispatch centre of the example book: 20 channels for 15 days of October, then 30 for 16."""
    trunk = _trunk(
        [(datetime(2026, 1, 1, 6, tzinfo=UTC), 20), (datetime(2026, 10, 16, 5, tzinfo=UTC), 30)],
        datetime(2026, 1, 1, 6, tzinfo=UTC),
    )
    october = Period.month("2026-10", "America/Chicago")
    assert [300, 480] == [part.channel_days for part in trunk_segments(trunk, october, "America/Chicago")]
    assert 31 == days_of(october, "America/Chicago")


def test_a_limit_before_the_trunk_counts_from_its_start() -> None:
    """A trunk that lives from the 21st to the 25th of October has five days, though its limit is older."""
    start, end = datetime(2026, 10, 21, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC)
    trunk = _trunk([(datetime(2026, 1, 1, tzinfo=UTC), 4)], start, end)
    (found,) = trunk_segments(trunk, Period.month("2026-10"), "UTC")
    assert (5, 20) == (found.days, found.channel_days)


def test_a_month_with_a_changed_clock_has_all_its_days() -> None:
    """November 2026 has an hour more in Chicago, and 30 days."""
    assert 30 == days_of(Period.month("2026-11", "America/Chicago"), "America/Chicago")


def test_the_fee_is_rounded_once_half_up() -> None:
    """10.00 for one day of 31 is 0.322580645..: 0.32 and 0.322581; 0.05 for one of ten days, 0.005, is 0.01."""
    assert 320_000_000 == channel_fee(10 * 10**9, 1, 31, 2)
    assert 322_581_000 == channel_fee(10 * 10**9, 1, 31, 6)
    assert 10_000_000 == channel_fee(50_000_000, 1, 10, 2)
    assert Fraction(10 * 10**9, 31) == exact_fee(10 * 10**9, 1, 31)


def test_the_allowance_is_rounded_down_once() -> None:
    """3,000 minutes for one channel and one day of January: 180000 / 31 = 5806.45 seconds."""
    assert 5806 == allowance_seconds(3000, 1, 31)
    assert 2_700_000 == allowance_seconds(3000, 450, 30)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(-40, 80), st.integers(1, 1000)), max_size=6),
    st.one_of(st.none(), st.integers(-40, 80)),
)
def test_segments_count_each_day_once(changes: list[tuple[int, int]], ends: int | None) -> None:
    """The channel-days are the sum of the limits that hold on each day, counted day by day."""
    limits = [DayLimit(APRIL + timedelta(days=since), limit) for since, limit in changes]
    end = None if ends is None else APRIL + timedelta(days=ends)
    total = 0
    for number in range(30):
        day = APRIL + timedelta(days=number)
        begun = [limit for limit in limits if limit.first_day <= day]
        if begun and (end is None or day < end):
            last = max(limit.first_day for limit in begun)
            total += [limit.channel_limit for limit in begun if limit.first_day == last][-1]
    assert total == sum(segment.channel_days for segment in segments(limits, APRIL, MAY, end))
