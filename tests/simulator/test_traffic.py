"""When calls begin."""

from datetime import UTC, datetime

import numpy as np
import pytest

from pipeline.simulator.traffic import cut_week, draw_starts, epoch_ms, week_of_trunk

MONDAY = datetime(2026, 10, 5, tzinfo=UTC)
STEPS_A_DAY = 288


def _by_day(rates: np.ndarray) -> list[float]:
    return [float(rates[at : at + STEPS_A_DAY].sum()) for at in range(0, len(rates), STEPS_A_DAY)]


def test_a_weekend_is_quieter_than_a_weekday():
    """Saturday has a quarter of a weekday, Sunday a tenth; five weekdays are alike."""
    days = _by_day(week_of_trunk(MONDAY, 7, "UTC", "GB"))
    assert [1.0, 1.0, 1.0, 1.0, 1.0, 0.25, 0.10] == pytest.approx([day / days[0] for day in days])


def test_the_busy_hour_has_a_tenth_of_the_day():
    """Between 9 and 11 % of the calls of a weekday fall into its busiest hour; the night has 1 to 2 % of that."""
    hours = week_of_trunk(MONDAY, 1, "UTC", "GB").reshape(24, 12).sum(axis=1)
    assert 0.09 < hours.max() / hours.sum() < 0.11
    assert 0.01 <= hours.min() / hours.max() <= 0.02


def test_the_hours_are_those_of_the_trunk():
    """In Berlin the day is two hours ahead of UTC in October, in Minneapolis five behind."""
    utc = week_of_trunk(MONDAY, 1, "UTC", "GB").reshape(24, 12)[:, 0]
    berlin = week_of_trunk(MONDAY, 1, "Europe/Berlin", "GB").reshape(24, 12)[:, 0]
    assert utc[12] == berlin[10]
    chicago = week_of_trunk(MONDAY, 1, "America/Chicago", "GB").reshape(24, 12)[:, 0]
    assert utc[10] == chicago[15]


def test_a_public_holiday_is_a_sunday():
    """Columbus Day 2026 is Monday, 12 October, in the United States and nowhere else."""
    columbus = datetime(2026, 10, 12, tzinfo=UTC)
    there = week_of_trunk(columbus, 1, "UTC", "US").sum()
    assert there == pytest.approx(0.10 * week_of_trunk(columbus, 1, "UTC", "DE").sum())


def test_a_campaign_makes_five_times_the_calls_for_twenty_minutes():
    """Four steps of five minutes."""
    quiet, loud = (week_of_trunk(MONDAY, 1, "UTC", "US", bursts) for bursts in ((), (180,)))
    ratio = loud / quiet
    assert [5.0] * 4 == ratio[180:184].tolist()
    assert 284 == (ratio == 1.0).sum()


def test_every_share_is_an_instant_of_the_run():
    """Shares 0 and (almost) 1 are its beginning and its end, and larger shares are later."""
    rates = week_of_trunk(MONDAY, 3, "America/Chicago", "US")
    starts = draw_starts(rates, np.linspace(0, 1 - 1e-12, 10_001), MONDAY)
    assert epoch_ms(MONDAY) == starts[0]
    assert epoch_ms(MONDAY) + 3 * 86_400_000 > starts[-1] >= epoch_ms(MONDAY) + 3 * 86_400_000 - 60_000
    assert (np.diff(starts) >= 0).all()


def test_an_even_rate_spreads_calls_evenly():
    """The middle share of one day is noon."""
    noon = draw_starts(np.ones(STEPS_A_DAY), np.array([0.5]), MONDAY)
    assert [epoch_ms(MONDAY) + 12 * 3_600_000] == noon.tolist()


def test_parts_of_a_week_have_equal_numbers_of_calls_at_the_same_instants():
    """A trunk that calls on the first day only and one three times as large that calls on the second: 1/4, 2/4, 1/4."""
    first, second = np.repeat([1.0, 0.0], STEPS_A_DAY), np.repeat([0.0, 2.0], STEPS_A_DAY)
    parts = cut_week([first, second], np.array([0.25, 0.75]), 4)
    assert [0, 288, 384, 480, 576] == [parts[0].start, *(part.stop for part in parts)]
