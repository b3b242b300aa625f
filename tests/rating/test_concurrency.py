"""Channels in use: peak, time above the limit, and the twin for all trunks at once."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rating import concurrency_batch
from rating.concurrency import Concurrency, HeldChannel, LimitFrom, OverLimit, concurrency
from rating.concurrency_batch import Held, Limits, stretches, summarise
from rating.timelines import to_microseconds

TEN = datetime(2026, 4, 10, 10, tzinfo=UTC)


def _at(seconds: int) -> datetime:
    return TEN + timedelta(seconds=seconds)


def _calls(*pairs: tuple[int, int]) -> list[HeldChannel]:
    return [HeldChannel(_at(start), _at(end)) for start, end in pairs]


ONE = [LimitFrom(_at(-1000), 1)]


def test_an_end_and_a_start_in_one_instant_do_not_overlap() -> None:
    """A chain of calls never needs two channels."""
    assert Concurrency(1, _at(0), (), 60_000, 0) == concurrency(_calls((0, 30), (30, 60)), ONE)


def test_a_call_of_no_length_holds_no_channel() -> None:
    """Neither alone nor during another call."""
    assert 0 == concurrency(_calls((5, 5)), ONE).peak
    assert 1 == concurrency(_calls((0, 10), (5, 5)), ONE).peak


def test_time_above_the_limit() -> None:
    """Two calls overlap for ten seconds on a trunk of one channel."""
    found = concurrency(_calls((0, 20), (10, 30)), ONE)
    assert (OverLimit(_at(10), _at(20), 2),) == found.over_limit
    assert (2, _at(10), 10_000, 1) == (
        found.peak, found.peak_first_at, found.over_limit_ms, found.answered_over_limit,
    )  # fmt: skip


def test_calls_that_were_answered_without_a_channel() -> None:
    """On two channels the third and fourth of four calls are too many, and so is a fifth while four go on."""
    limits = [LimitFrom(_at(-1000), 2)]
    assert 3 == concurrency(_calls((0, 9), (1, 9), (2, 9), (2, 9), (5, 6)), limits).answered_over_limit
    assert 2 == concurrency(_calls((0, 9), (0, 9), (0, 9), (0, 9)), limits).answered_over_limit


def test_a_stretch_above_the_limit_is_one_while_the_number_changes() -> None:
    """Two, three, two calls at once on one channel."""
    assert (OverLimit(_at(1), _at(9), 3),) == concurrency(_calls((0, 9), (1, 10), (3, 5)), ONE).over_limit


def test_a_raised_limit_ends_the_stretch() -> None:
    """Two calls are too many until the limit becomes two; before the first limit nothing is too many."""
    limits = [LimitFrom(_at(5), 1), LimitFrom(_at(8), 2)]
    assert (OverLimit(_at(5), _at(8), 2),) == concurrency(_calls((0, 20), (0, 20)), limits).over_limit
    assert () == concurrency(_calls((0, 20), (0, 20)), []).over_limit


def test_no_calls() -> None:
    """No peak and no time of a peak."""
    assert Concurrency(0, None, (), 0, 0) == concurrency([], ONE)


def test_a_call_that_goes_on_is_answered_once() -> None:
    """Two calls on one channel, cut at ten seconds: over the limit in both parts, answered over it in the first."""
    trunk, start, end = (np.array(column, np.int64) for column in ([0, 0, 1, 1], [0, 5, 10, 10], [10, 10, 20, 30]))
    limits = Limits(np.array([0, 1]), np.array([0, 10]), np.array([1, 1]))
    found = summarise(stretches(Held(trunk, start, end, np.array([False, False, True, True])), limits), 2)
    assert [2, 2] == found.peak.tolist()
    assert [1, 0] == found.answered_over_limit.tolist()


def test_too_many_trunks_and_years_for_one_key() -> None:
    """The message says what to do."""
    no_limits = Limits(*(np.zeros(0, np.int64) for _ in range(3)))
    trunk, start, end = np.array([2**30]), np.array([0]), np.array([2**40])
    with pytest.raises(OverflowError, match="fewer trunks or of a shorter time"):
        stretches(Held.whole(trunk, start, end), no_limits)


_Row = tuple[int, int, int]
_rows = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(0, 15)), max_size=30)
_limits = st.lists(
    st.tuples(st.integers(0, 2), st.integers(-5, 50), st.integers(1, 4)),
    max_size=8, unique_by=lambda limit: limit[:2],
)  # fmt: skip


@settings(deadline=None)
@given(_rows, _limits)
def test_the_peak_is_that_of_a_count_second_by_second(rows: list[_Row], limits: list[_Row]) -> None:
    """Count the calls of every second; the walk and the columns give the same peak, limit times and totals."""
    columns = np.array([(trunk, start, start + length) for trunk, start, length in rows], np.int64).reshape(-1, 3).T
    since = np.array([to_microseconds(_at(at)) for _, at, _ in limits], np.int64)
    of_trunk, limit = (np.array([row[part] for row in limits], np.int64) for part in (0, 2))
    micro = 1_000_000
    offset = to_microseconds(TEN)
    limits_of = Limits(of_trunk, since, limit)
    times = offset + columns[1] * micro, offset + columns[2] * micro
    found = summarise(stretches(Held.whole(columns[0], *times), limits_of), 3)
    with patch.object(concurrency_batch, "_CALLS_AT_ONCE", 7):
        in_groups = concurrency_batch.concurrency_columns(Held.whole(columns[0], *times), limits_of, 3)
    assert [column.tolist() for column in found] == [column.tolist() for column in in_groups]
    for trunk in range(3):
        calls = [HeldChannel(_at(start), _at(start + length)) for owner, start, length in rows if owner == trunk]
        own_limits = [LimitFrom(_at(at), limit) for owner, at, limit in limits if owner == trunk]
        counted = {
            second: sum(call.answered_at <= _at(second) < call.released_at for call in calls)
            for second in range(-6, 60)
        }
        expected = concurrency(calls, own_limits)
        peak = max(counted.values())
        assert peak == expected.peak == found.peak[trunk]
        if peak:
            first = min(second for second, count in counted.items() if count == peak)
            assert _at(first) == expected.peak_first_at
            assert to_microseconds(_at(first)) == found.peak_first_us[trunk]
        over = 0
        for second, count in counted.items():
            begun = [(at, limit) for owner, at, limit in limits if owner == trunk and at <= second]
            over += bool(begun) and count > max(begun)[1]
        assert over * 1000 == expected.over_limit_ms == found.over_limit_ms[trunk]
        assert expected.answered_over_limit == found.answered_over_limit[trunk]
        assert sum(counted.values()) * 1000 == expected.channel_ms == found.channel_ms[trunk]
