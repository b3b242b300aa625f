"""The application: its routers in the order in which paths are looked at, the gate, the errors, the description."""

from fastapi import FastAPI

from pipeline.registry.api import addresses, history, operator_connect, routes, trunks
from pipeline.registry.api.access import Allowances
from pipeline.registry.api.errors import answer_errors
from pipeline.registry.api.gate import Gate
from pipeline.registry.ledger_reader import Ledger
from pipeline.registry.store.desk import Registry

ABOUT = """Trunks, service addresses, call routes, call history and usage of SIP trunks, in the published shapes.

Every request needs the header `Authorization: App KEY`. `trunkline key create` issues keys.
"""


def build_app(registry: Registry, ledger: Ledger | None = None) -> FastAPI:
    """The API of a registry."""
    app = FastAPI(
        title="Trunkline registry", version="1", description=ABOUT, redoc_url=None, separate_input_output_schemas=True
    )
    app.state.registry = registry
    app.state.ledger = ledger
    app.state.allowances = Allowances()
    answer_errors(app)
    # Literal paths come before those with an id.
    for module in (addresses, trunks, history, routes, operator_connect):
        app.include_router(module.router)
    app.add_api_route("/health", lambda: {"status": "up"}, include_in_schema=False)
    app.add_middleware(Gate, registry=registry)
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    """Take out of the description what FastAPI adds by itself: a bad request is 400 here, never 422."""
    described = app.openapi()
    for operations in described["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
    for name in ("HTTPValidationError", "ValidationError"):
        described["components"]["schemas"].pop(name, None)
    app.openapi_schema = described
