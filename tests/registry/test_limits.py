"""How often a key may ask: 429 with Retry-After, which the official client obeys by itself."""

import pytest

from pipeline.registry.api.allowances import Allowances
from pipeline.registry.database import Database
from pipeline.registry.problems import TooManyRequests
from pipeline.registry.settings import RateLimits
from tests.registry.servers import running


def test_a_minutes_share_may_come_at_once_and_grows_back() -> None:
    """60 a minute: sixty at once, then one a second; other keys and other kinds have their own."""
    now = [0.0]
    allowances = Allowances(lambda: now[0])
    for _ in range(60):
        allowances.take("key", "reads", 60)
    with pytest.raises(TooManyRequests) as refused:
        allowances.take("key", "reads", 60)
    assert 1 == refused.value.retry_after
    allowances.take("key", "trunk_writes", 60)
    allowances.take("other", "reads", 60)
    now[0] = 1.0
    allowances.take("key", "reads", 60)
    with pytest.raises(TooManyRequests):
        allowances.take("key", "reads", 60)


def test_the_wait_is_as_long_as_it_takes() -> None:
    """Two a minute: after both, half a minute until there is one again."""
    allowances = Allowances(lambda: 0.0)
    for _ in range(2):
        allowances.take("key", "simulations", 2)
    with pytest.raises(TooManyRequests) as refused:
        allowances.take("key", "simulations", 2)
    assert 30 == refused.value.retry_after


def test_too_many_requests_are_429_with_retry_after(database: Database) -> None:
    """In the shape of each path, and only for the kind that was used up."""
    limits = RateLimits(reads=2, trunk_writes=1, route_writes=1, simulations=1)
    with running(database, rate_limits=limits) as server, server.http("acme") as http:
        codes = [http.get("/calls/1/sip-trunks").status_code for _ in range(3)]
        assert [200, 200, 429] == codes
        answer = http.get("/callrouting/1/routes")
        assert 20 <= int(answer.headers["Retry-After"]) <= 30, "half a minute, less what the test has taken"
        assert "E429" == answer.json()["errorCode"]
        assert 400 == http.post("/calls/1/sip-trunks", json={}).status_code
        assert 429 == http.post("/calls/1/sip-trunks", json={}).status_code
        assert "TOO_MANY_REQUESTS" == answer.json()["requestError"]["serviceException"]["messageId"]
