"""The application: its routers in the order in which paths are looked at, the gate, the errors, the description."""

from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import FastAPI

from pipeline.registry.api import addresses, history, operator_connect, routes, staff, trunks, usage
from pipeline.registry.api.allowances import Allowances, SharesInDatabase
from pipeline.registry.api.errors import answer_errors
from pipeline.registry.api.gate import Gate
from pipeline.registry.ledger_reader import Ledger
from pipeline.registry.store.desk import Registry

ABOUT = """Trunks, service addresses, call routes, call history and usage of SIP trunks, in the published shapes.

Every request needs the header `Authorization: App KEY`. `trunkline key create` issues keys.
"""


def build_app(registry: Registry, ledger: Ledger | None = None, *, is_gated: bool = True) -> FastAPI:
    """The API of a registry. Without its gate it trusts whoever calls it: for the command line in the same process."""
    app = FastAPI(
        title="Trunkline registry", version="1", description=ABOUT, redoc_url=None, separate_input_output_schemas=True
    )
    app.state.registry = registry
    app.state.ledger = ledger
    app.state.allowances = Allowances(shares=SharesInDatabase(registry.database) if is_gated else None)
    answer_errors(app)
    # Literal paths come before those with an id.
    for module in (addresses, trunks, history, routes, operator_connect, usage, staff):
        app.include_router(module.router)
    app.add_api_route("/health", lambda: {"status": "up"}, include_in_schema=False)
    if is_gated:
        app.add_middleware(Gate, registry=registry)
    app.openapi = partial(_described, app, app.openapi)  # type: ignore[method-assign]
    return app


def _described(app: FastAPI, describe: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The description, made when it is first asked for; a bad request is 400 here, never FastAPI's 422."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    described = describe()
    for operations in described["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
    for name in ("HTTPValidationError", "ValidationError"):
        described["components"]["schemas"].pop(name, None)
    return described
