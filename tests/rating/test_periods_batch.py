"""The period of each row of a batch is that of its instant, in any zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import available_timezones

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rating.periods_batch import periods_of
from rating.timelines import to_microseconds
from schemas.period import Period

ZONES = ("UTC", "America/Chicago", "Pacific/Kiritimati", "Asia/Kathmandu", "Africa/Cairo", "Asia/Beirut")


def names(instants, zones, zone=None):
    """The names of the periods, by column."""
    which = np.zeros(len(instants), np.int64) if zone is None else np.array(zone)
    found = periods_of(np.array([to_microseconds(at) for at in instants]), which, zones)
    return [found.names[at] for at in found.position]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30 * 365 * 86_400_000_000), st.integers(0, 5)), min_size=1, max_size=20))
def test_columns_agree_with_one_by_one(rows):
    """Instants of thirty years in six zones."""
    instants = [datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=elapsed) for elapsed, _ in rows]
    zone = [which for _, which in rows]
    expected = [Period.containing(at, ZONES[which]).name for at, which in zip(instants, zone, strict=True)]
    assert expected == names(instants, ZONES, zone)


@pytest.mark.parametrize("year", [2024, 2026])
def test_months_change_at_local_midnight_in_every_zone(year):
    """A microsecond before and at the start of each month, and on its last and first noon, in every zone there is."""
    around = [timedelta(microseconds=-1), timedelta(), timedelta(hours=12), timedelta(hours=-12)]
    for zone in sorted(available_timezones()):
        starts = [Period.month(f"{year}-{month:02}", zone).start for month in range(1, 13)]
        instants = [start + distance for start in starts for distance in around]
        assert [Period.containing(at, zone).name for at in instants] == names(instants, [zone]), zone


def test_no_instant_is_no_period():
    """An empty column has no rows."""
    assert [] == names([], ["UTC"])
