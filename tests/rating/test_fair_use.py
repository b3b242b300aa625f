"""Fair use: the order of the calls, the split of the crossing call, and the twin for all trunks at once."""

from datetime import UTC, datetime, timedelta
from random import Random
from unittest.mock import patch

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from rating import fair_use_batch
from rating.fair_use import EligibleCall, FairUse, OverageRate, overage_charge, split_calls, used_percent
from rating.fair_use_batch import included_seconds
from rating.timelines import to_microseconds

TEN = datetime(2026, 4, 10, 10, tzinfo=UTC)


def _call(cdr_id: str, seconds: int, after: int = 0) -> EligibleCall:
    return EligibleCall(TEN + timedelta(seconds=after), cdr_id, seconds)


def _parts(found: FairUse) -> list[tuple[str, int, int]]:
    return [(split.call.cdr_id, split.included_seconds, split.overage_seconds) for split in found.calls]


def test_the_crossing_call_is_split_at_that_second() -> None:
    """Of 100 seconds the first call takes 60; the second keeps 40 and goes 30 beyond; the third has none left."""
    found = split_calls([_call("a", 60), _call("b", 70, 60), _call("c", 10, 200)], 100)
    assert [("a", 60, 0), ("b", 40, 30), ("c", 0, 10)] == _parts(found)
    assert [0, 60, 100] == [split.used_before for split in found.calls]
    assert (100, 0, 40) == (found.used_seconds, found.remaining_seconds, found.overage_seconds)


def test_answer_time_decides_then_the_cdr_id() -> None:
    """Two calls of one instant go by their ids; an earlier call goes before a smaller id."""
    found = split_calls([_call("c2", 40), _call("c1", 40), _call("c0", 40, 1)], 50)
    assert [("c1", 40, 0), ("c2", 10, 30), ("c0", 0, 40)] == _parts(found)


def test_a_call_of_no_seconds_takes_nothing() -> None:
    """It is included, even when nothing is left."""
    assert [("a", 10, 0), ("b", 0, 0)] == _parts(split_calls([_call("a", 10), _call("b", 0, 1)], 10))


def test_overage_is_metered_on_its_own() -> None:
    """30 seconds at 0.06 a minute in steps of 60/60 are one minute, 0.06, and the fee of the row comes on top."""
    assert (60, 60_000_000) == overage_charge(30, OverageRate(60_000_000, 0, 60, 60))
    assert (30, 40_000_000) == overage_charge(30, OverageRate(60_000_000, 10_000_000, 1, 1))
    assert (0, 0) == overage_charge(0, OverageRate(60_000_000, 10_000_000, 60, 60))


def test_percent_of_the_allowance_is_rounded_down() -> None:
    """799 of 1000 seconds are 79 percent, so no alert at 80; without an allowance there is no percentage."""
    assert 79 == used_percent(799, 1000)
    assert 150 == used_percent(1500, 1000)
    assert used_percent(10, 0) is None


_Row = tuple[int, EligibleCall]


def _numbered(rows: list[tuple[int, int, int]]) -> list[_Row]:
    return [(trunk, _call(f"id-{n:02}", seconds, after)) for n, (trunk, after, seconds) in enumerate(rows)]


_calls = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(0, 400)), max_size=40).map(_numbered)
_allowances = st.lists(st.integers(0, 1500), min_size=5, max_size=5)


def _batch(rows: list[_Row], allowances: list[int]) -> dict[str, int]:
    included = included_seconds(
        np.array([trunk for trunk, _ in rows], np.int64),
        np.array([to_microseconds(call.answered_at) for _, call in rows], np.int64),
        pa.array([call.cdr_id for _, call in rows], pa.string()),
        np.array([call.call_seconds for _, call in rows], np.int64),
        np.array(allowances, np.int64),
    )
    return {call.cdr_id: seconds for (_, call), seconds in zip(rows, included.tolist(), strict=True)}


@settings(deadline=None)
@given(_calls, _allowances, st.randoms())
def test_any_order_of_arrival_gives_the_same_split(rows: list[_Row], allowances: list[int], random: Random) -> None:
    """One by one and in columns, trunk by trunk; included and overage seconds add up to the seconds of the call."""
    expected = {}
    for trunk, allowance in enumerate(allowances):
        found = split_calls([call for owner, call in rows if owner == trunk], allowance)
        assert found.used_seconds == min(allowance, sum(split.call.call_seconds for split in found.calls))
        assert found.remaining_seconds >= 0
        for split in found.calls:
            assert split.call.call_seconds == split.included_seconds + split.overage_seconds
            expected[split.call.cdr_id] = split.included_seconds
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert expected == _batch(rows, allowances) == _batch(shuffled, allowances)
    with patch.object(fair_use_batch, "_CALLS_AT_ONCE", 6):
        assert expected == _batch(shuffled, allowances)
    for trunk, allowance in enumerate(allowances):
        again = split_calls([call for owner, call in shuffled if owner == trunk], allowance)
        assert [expected[split.call.cdr_id] for split in again.calls] == [s.included_seconds for s in again.calls]


def test_times_that_do_not_fit_one_key_are_sorted_all_the_same() -> None:
    """A trunk number and a time that need more than 63 bits together."""
    included = included_seconds(
        np.array([2**20, 2**20], np.int64), np.array([2**50, 0], np.int64), pa.array(["a", "b"]),
        np.array([40, 40], np.int64), np.full(2**20 + 1, 50, np.int64),
    )  # fmt: skip
    assert [10, 40] == included.tolist()
