"""The API without a server: requests go straight into the application, for people at the command line."""

import asyncio
from typing import Final

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.registry.api.app import build_app
from pipeline.registry.api.gate import GRANT
from pipeline.registry.ledger_reader import Ledger
from pipeline.registry.store.desk import Caller, Registry
from pipeline.registry.store.keys import SCOPES, STAFF_SCOPES, Grant, open_account
from pipeline.settings import Settings

LOCAL: Final = "local"


class _Trusted:
    """Grants everything for one account: who can read the database's file may write to it."""

    def __init__(self, app: ASGIApp, grant: Grant) -> None:
        self._app = app
        self._grant = grant

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})[GRANT] = self._grant
        await self._app(scope, receive, send)


class _InProcess(httpx.BaseTransport):
    """Carries requests to an application in this process."""

    def __init__(self, app: ASGIApp) -> None:
        self._transport = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._ask(request))

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        answer = await self._transport.handle_async_request(asked)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


def local_client(registry: Registry, settings: Settings, account_id: str, actor: str) -> httpx.Client:
    """A client of the API on this registry, for an account that is opened if it is new."""
    open_account(registry, account_id)
    app = build_app(registry, Ledger(settings.ledger_url, settings.storage_options), is_gated=False)
    trusted = _Trusted(app, Grant(LOCAL, Caller(account_id, actor), SCOPES + STAFF_SCOPES))
    return httpx.Client(transport=_InProcess(trusted), base_url="http://registry")
