"""Call routes: create, read, change, move, delete. The account's row is locked while the order changes."""

import secrets
from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pipeline.registry.problems import NotFound, Refused
from pipeline.registry.rules.routing import check_route, choose_route, named_trunks
from pipeline.registry.shapes.base import Page
from pipeline.registry.shapes.routes import NewRoute, Route, Simulation
from pipeline.registry.store.changes import CALL_ROUTES, Change, announce, log_change
from pipeline.registry.store.desk import ID_BYTES, Caller, Registry
from pipeline.registry.store.pages import Paging, page_of
from pipeline.registry.store.records import RouteRecord, route_record
from pipeline.registry.store.trunk_rows import trunks_of
from pipeline.registry.tables import AccountRow, RouteRow, TrunkRow

KIND = "call route"


def create_route(registry: Registry, caller: Caller, request: NewRoute) -> Route:
    """Add a route after all others. Refused names the field that is wrong."""
    check_route(request)

    def work(session: Session) -> Route:
        _lock(session, caller)
        _check_trunks(session, caller, request)
        now = registry.clock()
        row = RouteRow(
            route_id=secrets.token_hex(ID_BYTES), account_id=caller.account_id, status="ENABLED",
            position=len(_ordered(session, caller)) + 1, created_at=now, changed_at=now, **_content(request),
        )  # fmt: skip
        session.add(row)
        session.flush()
        return _written(session, row, caller, "CREATE", None)

    return registry.database.write(work)


def get_route(registry: Registry, caller: Caller, route_id: str) -> Route:
    """The route as it is now. NotFound for another account's too."""
    with registry.database.read() as session:
        return shape(_find(session, caller, route_id))


def list_routes(registry: Registry, caller: Caller, paging: Paging, name_contains: str | None = None) -> Page[Route]:
    """One page of the account's routes in their order; `name_contains` is a part of their names, case ignored."""
    query = select(RouteRow).where(RouteRow.account_id == caller.account_id)
    if name_contains:
        query = query.where(func.lower(RouteRow.name).contains(name_contains.lower(), autoescape=True))
    with registry.database.read() as session:
        rows, info = page_of(session, query, (RouteRow.position, RouteRow.route_id), paging)
        return Page[Route](results=[shape(row) for row in rows], paging=info)


def update_route(registry: Registry, caller: Caller, route_id: str, request: NewRoute) -> Route:
    """Change name, criteria and destinations; status and order stay."""
    check_route(request)

    def change(session: Session, row: RouteRow) -> None:
        _check_trunks(session, caller, request)
        for name, value in _content(request).items():
            setattr(row, name, value)

    return _change(registry, caller, route_id, "UPDATE", change)


def set_route_status(registry: Registry, caller: Caller, route_id: str, status: str) -> Route:
    """Let a route be looked at, or not."""

    def change(_session: Session, row: RouteRow) -> None:
        row.status = status

    return _change(registry, caller, route_id, status, change)


def move_route(registry: Registry, caller: Caller, route_id: str, order: int) -> Route:
    """Put a route at a place of the order, counted from 1; those behind it move on. Beyond the end is the end."""

    def change(session: Session, row: RouteRow) -> None:
        others = [other for other in _ordered(session, caller) if other is not row]
        _number(session, [*others[: order - 1], row, *others[order - 1 :]], row)

    return _change(registry, caller, route_id, "MOVE", change)


def delete_route(registry: Registry, caller: Caller, route_id: str) -> Route:
    """Delete a route; return it as it was. Those behind it move up."""

    def work(session: Session) -> Route:
        _lock(session, caller)
        row = _find(session, caller, route_id)
        before, now = shape(row), registry.clock()
        session.delete(row)
        session.flush()
        _number(session, _ordered(session, caller), None)
        log_change(session, caller, now, Change("DELETE", KIND, route_id, before))
        announce(session, now, CALL_ROUTES, route_id, None)
        return before

    return registry.database.write(work)


def simulate(registry: Registry, caller: Caller, call: Simulation) -> Route:
    """The route that a call would take. NotFound if none would."""
    with registry.database.read() as session:
        chosen = choose_route((shape(row) for row in _ordered(session, caller)), call)
    if chosen is None:
        raise NotFound("enabled call route that takes a call to", call.to or "nobody")
    return chosen


def all_routes(session: Session) -> list[RouteRecord]:
    """Every route of every account, in order."""
    query = select(RouteRow).order_by(RouteRow.account_id, RouteRow.position)
    return [route_record(shape(row), row.account_id) for row in session.scalars(query)]


def shape(row: RouteRow) -> Route:
    """A route as the API shows it."""
    return Route.model_validate(
        {
            "id": row.route_id, "name": row.name, "criteria": row.criteria, "destinations": row.destinations,
            "transferOnly": row.transfer_only, "status": row.status, "order": row.position,
        }
    )  # fmt: skip


def _change(
    registry: Registry, caller: Caller, route_id: str, action: str, change: Callable[[Session, RouteRow], None]
) -> Route:
    def work(session: Session) -> Route:
        _lock(session, caller)
        row = _find(session, caller, route_id)
        before = shape(row)
        change(session, row)
        row.changed_at = registry.now_after(row.changed_at)
        return _written(session, row, caller, action, before)

    return registry.database.write(work)


def _lock(session: Session, caller: Caller) -> None:
    session.get_one(AccountRow, caller.account_id, with_for_update=True)


def _find(session: Session, caller: Caller, route_id: str) -> RouteRow:
    query = select(RouteRow).where(RouteRow.route_id == route_id, RouteRow.account_id == caller.account_id)
    row = session.scalar(query)
    if row is None:
        raise NotFound(KIND, route_id)
    return row


def _ordered(session: Session, caller: Caller) -> list[RouteRow]:
    query = select(RouteRow).where(RouteRow.account_id == caller.account_id)
    return list(session.scalars(query.order_by(RouteRow.position, RouteRow.route_id)))


def _number(session: Session, rows: list[RouteRow], written_later: RouteRow | None) -> None:
    """Count the rows through from 1 and announce each that moved, but for the one that is written down anyway."""
    for position, row in enumerate(rows, start=1):
        if row.position != position:
            row.position = position
            if row is not written_later:
                announce(session, row.changed_at, CALL_ROUTES, row.route_id, route_record(shape(row), row.account_id))


def _check_trunks(session: Session, caller: Caller, request: NewRoute) -> None:
    named = list(named_trunks(request))
    mine = trunks_of(caller, operator_connect=False).where(TrunkRow.trunk_id.in_({trunk_id for _, trunk_id in named}))
    known = {row.trunk_id for row in session.scalars(mine)}
    unknown = [(path, trunk_id) for path, trunk_id in named if trunk_id not in known]
    if unknown:
        raise Refused({path: [f"There is no SIP trunk {trunk_id!r} in this account."] for path, trunk_id in unknown})


def _content(request: NewRoute) -> dict[str, object]:
    sent = request.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {
        "name": request.name,
        "criteria": sent.get("criteria"),
        "destinations": sent["destinations"],
        "transfer_only": bool(request.transfer_only),
    }


def _written(session: Session, row: RouteRow, caller: Caller, action: str, before: Route | None) -> Route:
    session.flush()
    after = shape(row)
    log_change(session, caller, row.changed_at, Change(action, KIND, row.route_id, before, after))
    announce(session, row.changed_at, CALL_ROUTES, row.route_id, route_record(after, row.account_id))
    return after
