"""Call routes: /callrouting/1/routes. Errors carry both published envelopes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from pipeline.registry.api.access import TheRegistry, allowed, answer
from pipeline.registry.api.errors import documented
from pipeline.registry.api.query import Id, WantedPage
from pipeline.registry.rules.text import PrintableText
from pipeline.registry.shapes.base import Page
from pipeline.registry.shapes.routes import NewRoute, Route, RouteOrder, RouteStatus, Simulation
from pipeline.registry.store import routes
from pipeline.registry.store.desk import Caller
from pipeline.registry.store.keys import ROUTES

Reader = Annotated[Caller, Depends(allowed(ROUTES))]
Writer = Annotated[Caller, Depends(allowed(ROUTES, kind="route_writes"))]
Simulator = Annotated[Caller, Depends(allowed(ROUTES, kind="simulations"))]

router = APIRouter(prefix="/callrouting/1/routes", tags=["Call routing"])
LISTING = documented(400, 401, 403, 413, 429, 500, both=True)
ONE = documented(401, 403, 404, 413, 429, 500, both=True)
CHANGE = documented(400, 401, 403, 404, 413, 429, 500, both=True)


@router.get("", response_model=Page[Route], responses=LISTING)
def get_call_routes(
    registry: TheRegistry, caller: Reader, paging: WantedPage,
    name_contains: Annotated[PrintableText | None, Query(alias="nameContains", max_length=255)] = None,
) -> Response:  # fmt: skip
    """List routes in their order; `nameContains` is a part of their names."""
    return answer(routes.list_routes(registry, caller, paging, name_contains))


@router.post("", status_code=201, response_model=Route, responses=LISTING)
def create_call_route(registry: TheRegistry, caller: Writer, request: NewRoute) -> Response:
    """Add a route after all others."""
    return answer(routes.create_route(registry, caller, request), 201)


@router.post("/simulate", response_model=Route, responses=CHANGE)
def simulate_route_selection(registry: TheRegistry, caller: Simulator, request: Simulation) -> Response:
    """Find the route that a call would take; 404 if none would."""
    return answer(routes.simulate(registry, caller, request))


@router.get("/{route_id}", response_model=Route, responses=ONE)
def get_call_route(registry: TheRegistry, caller: Reader, route_id: Id) -> Response:
    """Read one route."""
    return answer(routes.get_route(registry, caller, route_id))


@router.put("/{route_id}", response_model=Route, responses=CHANGE)
def update_call_route(registry: TheRegistry, caller: Writer, route_id: Id, request: NewRoute) -> Response:
    """Change name, criteria and destinations; status and order stay."""
    return answer(routes.update_route(registry, caller, route_id, request))


@router.patch("/{route_id}", response_model=Route, responses=CHANGE)
def set_order_call_route(registry: TheRegistry, caller: Writer, route_id: Id, request: RouteOrder) -> Response:
    """Move a route to a place of the order, counted from 1."""
    return answer(routes.move_route(registry, caller, route_id, request.order))


@router.delete("/{route_id}", response_model=Route, responses=ONE)
def delete_call_route(registry: TheRegistry, caller: Writer, route_id: Id) -> Response:
    """Delete a route; the answer shows it as it was."""
    return answer(routes.delete_route(registry, caller, route_id))


@router.post("/{route_id}/status", response_model=Route, responses=CHANGE)
def update_call_route_status(registry: TheRegistry, caller: Writer, route_id: Id, request: RouteStatus) -> Response:
    """Let a route be looked at, or not."""
    return answer(routes.set_route_status(registry, caller, route_id, request.route_status))
