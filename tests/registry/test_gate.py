"""What every request passes first: keys are looked up once a second, writers of one file take turns."""

import asyncio
import threading
from typing import Any

import pytest
from sqlalchemy.orm import Session

from pipeline.registry.api.gate import KNOWN_SECONDS, Gate
from pipeline.registry.database import Database
from pipeline.registry.store.desk import Registry
from pipeline.registry.store.keys import create_key, revoke_key
from pipeline.registry.tables import AccountRow


class Door:
    """A gate with a clock that a test sets, and what it lets through."""

    def __init__(self, registry: Registry) -> None:
        self.now = 0.0
        self.passed: list[str] = []
        self._gate = Gate(self._inside, registry, lambda: self.now)

    async def _inside(self, scope: Any, receive: Any, send: Any) -> None:
        self.passed.append(scope["state"]["grant"].key_id)

    def ask(self, key: str) -> int:
        """The status that the gate answers itself, 0 if it lets the request through."""
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "path": "/calls/1/sip-trunks", "method": "GET",
                 "headers": [(b"authorization", f"App {key}".encode())]}  # fmt: skip
        asyncio.run(self._gate(scope, receive, send))
        return int(sent[0]["status"]) if sent else 0


@pytest.fixture
def door(registry: Registry) -> Door:
    """A gate of a registry."""
    return Door(registry)


def test_a_revoked_key_opens_nothing_a_second_later(registry: Registry, door: Door) -> None:
    """Until then it may still be known."""
    new = create_key(registry, "acme", "robot")
    assert 0 == door.ask(new.key)
    revoke_key(registry, new.key_id)
    door.now = KNOWN_SECONDS * 0.99
    assert 0 == door.ask(new.key)
    door.now = KNOWN_SECONDS
    assert 401 == door.ask(new.key)
    assert [new.key_id] * 2 == door.passed


def test_a_key_that_was_unknown_opens_as_soon_as_it_is_issued(registry: Registry, door: Door) -> None:
    """Only good keys are remembered; each has its own grant."""
    assert 401 == door.ask("made-up")
    keys = [create_key(registry, "acme", name) for name in "ab"]
    for new in keys * 2:
        assert 0 == door.ask(new.key)
    assert [new.key_id for new in keys * 2] == door.passed


def test_writers_of_several_servers_take_turns(database: Database, registry: Registry) -> None:
    """Four handles on one database stand for four processes; each adds ten to the same number."""
    url = database.engine.url.render_as_string(hide_password=False)
    handles = [Database(url) for _ in range(4)]

    def add(session: Session) -> None:
        account = session.get_one(AccountRow, "acme", with_for_update=True)
        account.trunk_limit = (account.trunk_limit or 0) + 1

    def work(handle: Database) -> None:
        for _ in range(10):
            handle.write(add)

    threads = [threading.Thread(target=work, args=(handle,)) for handle in handles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for handle in handles:
        handle.close()
    with registry.database.read() as session:
        assert 40 == session.get_one(AccountRow, "acme").trunk_limit
