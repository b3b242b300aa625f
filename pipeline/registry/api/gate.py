"""What every request passes before an endpoint sees it: the key, then the size and the nesting of its body."""

import re
import time
from collections.abc import Callable
from typing import Final

from fastapi import Response
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.registry.api.errors import error_answer
from pipeline.registry.problems import Unauthorized
from pipeline.registry.store.desk import Registry
from pipeline.registry.store.keys import Grant, digest, grant_of

OPEN_PATHS: Final = frozenset({"/", "/health", "/docs", "/openapi.json"})
GRANT: Final = "grant"
_SCHEME: Final = "App "
_KEY_LENGTH_MAX: Final = 256
KNOWN_SECONDS: Final = 1.0
"""A key that was looked up is known for so long, so one that is revoked opens nothing a second later."""
_KNOWN_MAX: Final = 10_000
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS = re.compile(rb"[\[{\]}]")


class Gate:
    """Answers 401 without a good key, 413 and 400 to bodies that are too large or too deep."""

    def __init__(self, app: ASGIApp, registry: Registry, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._registry = registry
        self._clock = clock
        self._known: dict[str, tuple[Grant, float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        try:
            scope.setdefault("state", {})[GRANT] = await self._grant(_key(scope))
        except Unauthorized as error:
            await error_answer(scope["path"], 401, str(error))(scope, receive, send)
            return
        body = await self._body(scope, receive)
        if isinstance(body, Response):
            await body(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    async def _grant(self, key: str) -> Grant:
        now, name = self._clock(), digest(key)
        grant, until = self._known.get(name, (None, 0.0))
        if grant is not None and now < until:
            return grant
        self._known.pop(name, None)
        grant = await run_in_threadpool(grant_of, self._registry, key)
        if len(self._known) >= _KNOWN_MAX:
            self._known.clear()
        self._known[name] = (grant, now + KNOWN_SECONDS)
        return grant

    async def _body(self, scope: Scope, receive: Receive) -> bytes | Response:
        settings, path = self._registry.settings, scope["path"]
        found = bytearray()
        while True:
            message = await receive()
            found += message.get("body", b"")
            if len(found) > settings.body_bytes:
                text = f"The body has more than {settings.body_bytes} bytes, the most that is read."
                return error_answer(path, 413, text)
            if not message.get("more_body", False):
                break
        if found and _depth(bytes(found)) > settings.body_depth:
            return error_answer(path, 400, f"The body is nested deeper than {settings.body_depth} levels.")
        return bytes(found)


def _key(scope: Scope) -> str:
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    header = values[0].decode("latin-1") if len(values) == 1 else ""
    key = header.removeprefix(_SCHEME).strip()
    if not header.startswith(_SCHEME) or not key.isascii() or len(key) > _KEY_LENGTH_MAX:
        raise Unauthorized("No key was sent. Send the header Authorization: App KEY.")
    return key


def _depth(body: bytes) -> int:
    """How deep the brackets of a JSON text nest, whether or not it is JSON."""
    deepest = depth = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _replay(body: bytes, receive: Receive) -> Receive:
    """Hand the body that was read on as one message, then what else the server has to say."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
