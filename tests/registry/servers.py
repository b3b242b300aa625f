"""A running registry server, and the official client pointed at it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx
import pytest
import uvicorn
from infobip_api_client import ApiClient, CallRoutingApi, CallsApi, Configuration

from pipeline.registry.api.app import build_app
from pipeline.registry.database import Database
from pipeline.registry.settings import RegistrySettings
from pipeline.registry.store.desk import Registry
from pipeline.registry.store.keys import SCOPES, create_key, open_account
from tests.registry.builders import MUCH_ROOM, OPEN_LIMITS

BACKENDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
"""The databases on which every test of the store and of the API runs; fixtures of these names open them."""

_START_SECONDS = 20


class Server(NamedTuple):
    """A server on a port of 127.0.0.1."""

    url: str
    registry: Registry

    def key(self, account_id: str, *scopes: str) -> str:
        """A new key of an account, with all scopes unless some are named."""
        open_account(self.registry, account_id, "metered-us", "unlimited-us")
        return create_key(self.registry, account_id, "test", scopes or SCOPES).key

    def client(self, account_id: str) -> "Official":
        """The official client with a new key of an account."""
        api = ApiClient(Configuration(host=self.url, api_key=self.key(account_id)))
        return Official(CallsApi(api), CallRoutingApi(api))

    def http(self, account_id: str, *scopes: str) -> httpx.Client:
        """A plain HTTP client with a new key of an account."""
        headers = {"Authorization": f"App {self.key(account_id, *scopes)}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)


class Official(NamedTuple):
    """The two parts of the official package."""

    calls: CallsApi
    routes: CallRoutingApi


@contextmanager
def running(database: Database, ledger: Any = None, **settings: Any) -> Iterator[Server]:
    """Serve a database from a thread of this process, until the end of the block."""
    roomy = {"rate_limits": OPEN_LIMITS, "account_limits": MUCH_ROOM}
    chosen = roomy | {"action_seconds": 0.3, "admit_private_callbacks": True} | settings
    registry = Registry(database, RegistrySettings(**chosen))
    config = uvicorn.Config(build_app(registry, ledger), host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + _START_SECONDS
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Server(f"http://127.0.0.1:{port}", registry)
    server.should_exit = True
    thread.join(_START_SECONDS)
