"""Rate limits that hold over all servers of one database, whatever each of them has let through."""

import threading
from collections import Counter
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from pipeline.registry.api.allowances import Allowances, Kind, SharesInDatabase, take_from
from pipeline.registry.database import Database
from pipeline.registry.problems import TooManyRequests
from pipeline.registry.settings import RateLimits
from tests.registry.servers import running

MINUTE = 60_000_000_000
NOW = 1_790_000_000.0


def _asked(servers: list[Allowances], per_minute: int, times: int, kind: Kind = "reads") -> int:
    """How many of so many requests, which the servers get in turn, are let through."""
    passed = 0
    for number in range(times):
        try:
            servers[number % len(servers)].take("key", kind, per_minute)
        except TooManyRequests:
            continue
        passed += 1
    return passed


@pytest.mark.parametrize("per_minute", [1, 3, 60, 100, 250])
@pytest.mark.parametrize("count", [1, 2, 4])
def test_servers_share_what_a_key_has(database: Database, per_minute: int, count: int) -> None:
    """All servers together let one share through at once; what one has taken and not spent, no other may."""
    servers = [Allowances(lambda: NOW, SharesInDatabase(database)) for _ in range(count)]
    passed = _asked(servers, per_minute, 2 * per_minute + 10)
    unspent = (count - 1) * (max(1, per_minute // 100) - 1)
    assert per_minute - unspent <= passed <= per_minute


def test_a_share_grows_back_for_all(database: Database) -> None:
    """Ten a minute: half a minute later five, whichever server is asked."""
    now = [NOW]
    servers = [Allowances(lambda: now[0], SharesInDatabase(database)) for _ in range(3)]
    assert 10 == _asked(servers, 10, 30)
    now[0] += 30
    assert 5 == _asked(servers, 10, 30)


def test_a_server_that_starts_again_knows_what_was_used(database: Database) -> None:
    """The share is in the database, not in a process."""
    assert 5 == _asked([Allowances(lambda: NOW, SharesInDatabase(database))], 5, 9)
    with pytest.raises(TooManyRequests) as refused:
        Allowances(lambda: NOW + 1, SharesInDatabase(database)).take("key", "reads", 5)
    assert 11 == refused.value.retry_after


def test_most_requests_cost_no_transaction(database: Database) -> None:
    """A hundredth of the share is taken at a time: 1,000 of 6,000 requests are 17 transactions."""
    takes: list[int] = []

    class Counted(SharesInDatabase):
        def take(self, *arguments: object) -> object:  # type: ignore[override]
            takes.append(1)
            return super().take(*arguments)  # type: ignore[arg-type]

    assert 1_000 == _asked([Allowances(lambda: NOW, Counted(database))], 6_000, 1_000)  # type: ignore[arg-type]
    assert 17 == len(takes)


def test_a_refused_key_does_not_reach_the_database(database: Database) -> None:
    """A client that hammers costs no transaction until it has something again."""
    server = Allowances(lambda: NOW, SharesInDatabase(database))
    assert 2 == _asked([server], 2, 5)
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM rate_shares"))
    assert 0 == _asked([server], 2, 5)


def test_many_threads_of_two_servers_pass_one_share(database: Database) -> None:
    """Eight threads ask for twenty each; sixty a minute pass."""
    servers = [Allowances(lambda: NOW, SharesInDatabase(database)) for _ in range(2)]
    passed: list[int] = []
    threads = [
        threading.Thread(target=lambda number=number: passed.append(_asked([servers[number % 2]], 60, 20)))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 60 == sum(passed)


def test_two_servers_over_http_share_a_keys_limit(database: Database) -> None:
    """A client that goes from one to the other gains nothing."""
    limits = RateLimits(reads=6)
    with (
        running(database, rate_limits=limits) as first,
        running(database, rate_limits=limits) as second,
        first.http("acme") as http,
    ):
        urls = [f"{server.url}/calls/1/sip-trunks" for server in (first, second)] * 4
        statuses = Counter(http.get(url).status_code for url in urls)
    assert {200: 6, 429: 2} == statuses


@given(st.integers(1, 1_000_000), st.lists(st.tuples(st.integers(0, 10 * MINUTE), st.integers(1, 50)), max_size=30))
def test_shares_are_never_exceeded(per_minute: int, steps: list[tuple[int, int]]) -> None:
    """Over any time at most one share and what grew back; a refusal says when there is one again."""
    now, whole_at, granted = 1_000 * MINUTE, None, 0
    begin = now
    for passed, wanted in steps:
        now += passed
        share = take_from(whole_at, now, per_minute, wanted)
        assert 0 <= share.granted <= wanted
        if not share.granted:
            assert 1 == take_from(share.whole_at, now + share.wait_ns, per_minute, 1).granted
        whole_at, granted = share.whole_at, granted + share.granted
    cost = MINUTE // per_minute
    assert granted <= per_minute + ceil((now - begin) / cost)


def test_a_clock_that_is_set_back_costs_a_minute_at_most() -> None:
    """Not the hour by which it was wrong."""
    share = take_from(1_000 * MINUTE, 940 * MINUTE, 60, 1)
    assert (0, 1_000_000_000) == (share.granted, share.wait_ns)
