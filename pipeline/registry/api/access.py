"""What a key may do, and how often: the dependency of every endpoint that says whose objects it is about."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import Depends, Header, Request, Response, Security
from fastapi.security import APIKeyHeader
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from pipeline.registry.api.allowances import Allowances, Kind
from pipeline.registry.api.gate import GRANT
from pipeline.registry.api.query import instant
from pipeline.registry.exact_json import exact_json
from pipeline.registry.ledger_reader import Ledger
from pipeline.registry.problems import Forbidden, Refused
from pipeline.registry.store.desk import EFFECTIVE_FROM, Caller, Registry
from pipeline.registry.store.keys import DATED, STAFF, Grant

KEY_HEADER = APIKeyHeader(name="Authorization", scheme_name="APIKeyHeader", description="App KEY", auto_error=False)
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_AHEAD: Final = timedelta(days=366)


async def registry_of(request: Request) -> Registry:
    """The registry that this server serves."""
    registry: Registry = request.app.state.registry
    return registry


async def dated_registry_of(
    request: Request,
    since: Annotated[
        str | None,
        Header(alias=EFFECTIVE_FROM, description=f"Since when the change holds; needs the scope {DATED} or {STAFF}."),
    ] = None,
) -> Registry:
    """The registry as a change sees it: from now on, or from the instant that staff name."""
    registry: Registry = request.app.state.registry
    if (at := instant(EFFECTIVE_FROM, since)) is None:
        return registry
    _granted(request, DATED, STAFF)
    latest = registry.clock() + _AHEAD
    if not _EARLIEST <= at <= latest:
        span = f"{_EARLIEST:%Y-%m-%d} to {latest:%Y-%m-%d}"
        raise Refused.at(EFFECTIVE_FROM, f"{since!r} found, expected a time from {span}.")
    return registry.since(at)


def _granted(request: Request, *scopes: str) -> Grant:
    grant: Grant = request.scope["state"][GRANT]
    if not set(scopes) & set(grant.scopes):
        raise Forbidden(scopes, grant.scopes)
    return grant


def allowed(*scopes: str, kind: Kind = "reads") -> Callable[..., Awaitable[Caller]]:
    """A dependency: the caller, if the key has one of the scopes and some of its share left."""

    async def caller(request: Request, _key: Annotated[str | None, Security(KEY_HEADER)] = None) -> Caller:
        grant = _granted(request, *scopes)
        allowances: Allowances = request.app.state.allowances
        if not allowances.spend(grant.key_id, kind):
            per_minute = getattr(request.app.state.registry.settings.rate_limits, kind)
            await run_in_threadpool(allowances.take, grant.key_id, kind, per_minute)
        return grant.caller

    return caller


async def ledger_of(request: Request) -> Ledger:
    """The ledger that this server reads."""
    ledger: Ledger = request.app.state.ledger
    return ledger


TheRegistry = Annotated[Registry, Depends(registry_of)]
DatedRegistry = Annotated[Registry, Depends(dated_registry_of)]
TheLedger = Annotated[Ledger, Depends(ledger_of)]


def answer(shape: BaseModel, status: int = 200) -> Response:
    """A shape as JSON, without what is absent."""
    return Response(shape.model_dump_json(by_alias=True, exclude_none=True), status, media_type="application/json")


def answer_exactly(shape: BaseModel, status: int = 200) -> Response:
    """A shape with money as JSON."""
    body = exact_json(shape.model_dump(by_alias=True, exclude_none=True))
    return Response(body, status, media_type="application/json")


def answer_all(shapes: list[BaseModel]) -> Response:
    """An array of shapes as JSON."""
    texts = (shape.model_dump_json(by_alias=True, exclude_none=True) for shape in shapes)
    return Response(f"[{','.join(texts)}]", media_type="application/json")
