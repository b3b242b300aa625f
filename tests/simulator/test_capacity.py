"""Channels and the calls they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.simulator.capacity import erlang_b, offered_load, peak_channels, refused


@pytest.mark.parametrize(
    ("load", "channels", "blocking"),
    [
        (2, 5, 0.036697),
        (7, 10, 0.078741),
        (20, 24, 0.066097),
        (20, 30, 0.008457),
        (80, 100, 0.003992),
        (900, 1000, 0.000059),
    ],
)
def test_erlang_b_has_its_published_values(load: float, channels: int, blocking: float):
    """The check values of synthetic-load.md, section 2."""
    assert blocking == pytest.approx(erlang_b(load, channels), abs=5e-7)


def test_no_channel_refuses_every_call():
    """B(0) = 1, where the recursion begins."""
    assert erlang_b(3.0, 0) == 1.0


@pytest.mark.parametrize("channels", [1, 5, 10, 30, 100, 1000])
def test_the_load_for_one_percent_is_refused_one_percent(channels: int):
    """The inverse of Erlang B, on every channel limit that trunks have."""
    assert erlang_b(offered_load(channels), channels) == pytest.approx(0.01, rel=1e-9)


def test_a_release_comes_before_a_setup_at_the_same_instant():
    """Limit 2: A 0 to 300, B 60 to 180, C 180 to 240 are all carried; D, which begins at 90, is not (R41)."""
    starts = np.array([0, 60, 90, 180])
    releases = np.array([300, 180, 120, 240])
    assert [False, False, True, False] == refused(starts, releases, np.array([2, 2, 2, 2])).tolist()


def test_the_limit_in_force_at_the_setup_counts():
    """A second call is refused while the limit is 1 and carried once it is 2."""
    starts, releases = np.array([0, 10, 20]), np.array([100, 100, 100])
    assert [False, True, False] == refused(starts, releases, np.array([1, 1, 2])).tolist()


def test_no_calls_are_no_problem():
    """A trunk may have no call in a block."""
    nothing = np.array([], np.int64)
    assert [] == refused(nothing, nothing, nothing).tolist()


def test_the_peak_counts_half_open_intervals():
    """Three calls, of which the third begins as the second ends: two channels."""
    assert 2 == peak_channels(np.array([0, 60, 180]), np.array([300, 180, 240]))


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 300)), max_size=80), st.integers(1, 6))
def test_carried_calls_never_need_more_channels_than_there_are(calls: list[tuple[int, int]], limit: int):
    """Whatever arrives, the calls that were not refused fit, and a refused one would not have."""
    calls.sort()
    starts = np.array([start for start, _ in calls], np.int64)
    releases = starts + np.array([length for _, length in calls], np.int64)
    turned_away = refused(starts, releases, np.full(len(calls), limit))
    assert peak_channels(starts[~turned_away], releases[~turned_away]) <= limit
    for at in np.flatnonzero(turned_away):
        busy = ~turned_away[:at] & (releases[:at] > starts[at])
        assert limit == busy.sum()


@pytest.mark.parametrize(("load", "channels"), [(2.0, 5), (7.0, 10), (20.0, 30)])
def test_a_long_run_refuses_what_erlang_b_says(load: float, channels: int):
    """Poisson arrivals and exponential holding times: within five standard errors of 300,000 calls."""
    rng = np.random.default_rng(11)
    count, holding = 300_000, 100_000.0
    starts = np.cumsum(rng.exponential(holding / load, count)).astype(np.int64)
    releases = starts + np.maximum(rng.exponential(holding, count), 1).astype(np.int64)
    share = refused(starts, releases, np.full(count, channels)).mean()
    expected = erlang_b(load, channels)
    assert share == pytest.approx(expected, abs=10 * (expected / count) ** 0.5)
