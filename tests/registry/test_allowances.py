"""The arithmetic of rate limits with a clock that a test moves by hand: a minute's share, which grows back evenly."""

import threading
from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.registry.api.allowances import Allowances, Kind
from pipeline.registry.problems import TooManyRequests
from pipeline.registry.settings import RateLimits, RegistrySettings


class Desk:
    """Allowances of one key with a clock in seconds."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self._allowances = Allowances(lambda: self.now)

    def ask(self, per_minute: int, key: str = "key", kind: Kind = "reads") -> int:
        """0 if the request is let through, else the seconds to wait."""
        try:
            self._allowances.take(key, kind, per_minute)
        except TooManyRequests as error:
            return error.retry_after
        return 0

    def used_up(self, per_minute: int) -> "Desk":
        """The same after a whole share at once."""
        assert [0] * per_minute == [self.ask(per_minute) for _ in range(per_minute)]
        return self


@pytest.mark.parametrize(
    ("per_minute", "wait"),
    [(1, 60), (2, 30), (5, 12), (7, 9), (50, 2), (59, 2), (60, 1), (61, 1), (100, 1), (6_000, 1)],
)
def test_the_wait_after_a_whole_share(per_minute: int, wait: int) -> None:
    """60 by the share, rounded up to whole seconds: 60 / 7 = 8.57 are 9."""
    assert wait == Desk().used_up(per_minute).ask(per_minute)


@pytest.mark.parametrize("per_minute", [1, 3, 5, 50, 60, 100])
def test_the_wait_is_enough(per_minute: int) -> None:
    """A client that obeys is let through, and a client that comes a second earlier has to wait once more."""
    desk = Desk().used_up(per_minute)
    wait = desk.ask(per_minute)
    desk.now = wait
    assert 0 == desk.ask(per_minute)
    early = Desk().used_up(per_minute)
    early.now = 60 / per_minute * 0.9
    assert 0 < early.ask(per_minute)


@pytest.mark.parametrize(
    ("elapsed", "again"), [(0, 0), (5.9, 0), (6, 1), (30, 5), (59.9, 9), (60, 10), (61, 10), (86_400, 10)]
)
def test_what_grows_back(elapsed: float, again: int) -> None:
    """Ten a minute: one in six seconds, and never more than ten however long nobody asks."""
    desk = Desk().used_up(10)
    desk.now = elapsed
    assert again == sum(desk.ask(10) == 0 for _ in range(20))


@pytest.mark.parametrize(
    ("elapsed", "wait"), [(0, 60), (1, 59), (30, 30), (59, 1), (59.5, 1), (60, 0)]
)  # fmt: skip
def test_the_wait_shrinks_as_time_passes(elapsed: float, wait: int) -> None:
    """One a minute; half a second is a whole one in Retry-After."""
    desk = Desk().used_up(1)
    desk.now = elapsed
    assert wait == desk.ask(1)


def test_refused_requests_cost_nothing() -> None:
    """Hammering does not lengthen the wait."""
    desk = Desk().used_up(1)
    for second in range(60):
        desk.now = float(second)
        assert 60 - second == desk.ask(1)
    desk.now = 60.0
    assert 0 == desk.ask(1)


def test_keys_and_kinds_are_apart() -> None:
    """One customer's storm is no other's, and reading is not writing."""
    desk = Desk().used_up(3)
    assert 0 == desk.ask(3, key="other")
    assert [0] * 4 == [
        desk.ask(3, kind=kind) for kind in ("trunk_writes", "route_writes", "simulations", "usage_queries")
    ]
    assert 0 < desk.ask(3)


def test_it_does_not_matter_when_the_clock_began() -> None:
    """A monotonic clock may stand anywhere."""
    desk = Desk(1e6).used_up(2)
    assert 30 == desk.ask(2)
    desk.now += 30
    assert 0 == desk.ask(2)


@given(st.integers(1, 50), st.lists(st.integers(0, 30), max_size=60))
def test_no_more_than_a_share_and_what_grew(per_minute: int, steps: list[int]) -> None:
    """Over any time: at most one share and one more for each 60 / share seconds."""
    desk, passed = Desk(), 0
    for step in steps:
        desk.now += step
        passed += desk.ask(per_minute) == 0
    assert passed <= per_minute + ceil(desk.now * per_minute / 60)


def test_of_many_at_once_only_the_share_passes() -> None:
    """Eight threads ask for a hundred, all at the same instant."""
    desk, passed = Desk(), []

    def ask() -> None:
        passed.append(sum(desk.ask(100) == 0 for _ in range(50)))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 100 == sum(passed)


@pytest.mark.parametrize(
    ("kind", "per_minute"),
    [("reads", 100 * 60), ("trunk_writes", 100), ("route_writes", 50), ("usage_queries", 60 * 60)],
)
def test_the_shares_are_the_published_ones(kind: str, per_minute: int) -> None:
    """Reads 100 a second, trunks 100 a minute, routes 50 a minute, usage 60 a second."""
    assert per_minute == getattr(RegistrySettings().rate_limits, kind)


@pytest.mark.parametrize("wrong", [0, -1, 1_000_001, "many", None])
@pytest.mark.parametrize("kind", list(RateLimits.model_fields))
def test_a_share_is_at_least_one(kind: str, wrong: Any) -> None:
    """A share of none would be a registry that nobody can use."""
    with pytest.raises(ValidationError, match=kind):
        RateLimits.model_validate({kind: wrong})
