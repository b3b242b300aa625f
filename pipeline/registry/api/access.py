"""What a key may do, and how often: the dependency of every endpoint that says whose objects it is about."""

import threading
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

import msgspec
from fastapi import Depends, Request, Response, Security
from fastapi.security import APIKeyHeader
from pydantic import BaseModel

from pipeline.registry.api.gate import GRANT
from pipeline.registry.ledger_reader import Ledger
from pipeline.registry.problems import Forbidden, TooManyRequests
from pipeline.registry.store.desk import Caller, Registry
from pipeline.registry.store.keys import Grant

Kind = Literal["reads", "trunk_writes", "route_writes", "simulations", "usage_queries"]
KEY_HEADER = APIKeyHeader(name="Authorization", scheme_name="APIKeyHeader", description="App KEY", auto_error=False)
_SECOND_US = 1_000_000
_MINUTE_US = 60 * _SECOND_US
_EXACT = msgspec.json.Encoder(decimal_format="number")


class Allowances:
    """How many requests each key has left. A minute's share may come at once and grows back evenly."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._whole_at: dict[tuple[str, Kind], int] = {}
        """When each share will have grown back. In microseconds by the share, so that all sums are whole numbers."""
        self._lock = threading.Lock()

    def take(self, key_id: str, kind: Kind, per_minute: int) -> None:
        """Use up one request. Raises TooManyRequests with the whole seconds until there is one again."""
        with self._lock:
            now = round(self._clock() * _SECOND_US) * per_minute
            whole_at = max(self._whole_at.get((key_id, kind), now), now) + _MINUTE_US
            wait = whole_at - now - _MINUTE_US * per_minute
            if wait <= 0:
                self._whole_at[key_id, kind] = whole_at
        if wait > 0:
            raise TooManyRequests(-(-wait // (_SECOND_US * per_minute)), per_minute)


async def registry_of(request: Request) -> Registry:
    """The registry that this server serves."""
    registry: Registry = request.app.state.registry
    return registry


def allowed(*scopes: str, kind: Kind = "reads") -> Callable[..., Awaitable[Caller]]:
    """A dependency: the caller, if the key has one of the scopes and some of its share left."""

    async def caller(request: Request, _key: Annotated[str | None, Security(KEY_HEADER)] = None) -> Caller:
        grant: Grant = request.scope["state"][GRANT]
        if not set(scopes) & set(grant.scopes):
            raise Forbidden(scopes, grant.scopes)
        limits = request.app.state.registry.settings.rate_limits
        request.app.state.allowances.take(grant.key_id, kind, getattr(limits, kind))
        return grant.caller

    return caller


async def ledger_of(request: Request) -> Ledger:
    """The ledger that this server reads."""
    ledger: Ledger = request.app.state.ledger
    return ledger


TheRegistry = Annotated[Registry, Depends(registry_of)]
TheLedger = Annotated[Ledger, Depends(ledger_of)]


def answer(shape: BaseModel, status: int = 200) -> Response:
    """A shape as JSON, without what is absent."""
    return Response(shape.model_dump_json(by_alias=True, exclude_none=True), status, media_type="application/json")


def answer_exactly(shape: BaseModel, status: int = 200) -> Response:
    """A shape with money as JSON: decimals are written as numbers with their full digits, never through a float."""
    body = _EXACT.encode(shape.model_dump(by_alias=True, exclude_none=True))
    return Response(body, status, media_type="application/json")


def answer_all(shapes: list[BaseModel]) -> Response:
    """An array of shapes as JSON."""
    texts = (shape.model_dump_json(by_alias=True, exclude_none=True) for shape in shapes)
    return Response(f"[{','.join(texts)}]", media_type="application/json")
