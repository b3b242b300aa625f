"""`trunkline route`: call routes, their order, and which of them a call would take."""

from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.cli.output import JsonOption, print_rows
from pipeline.cli.registry_client import AccountOption, KeyOption, UrlOption, reach, read_json, show

ROUTES = "/callrouting/1/routes"
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of the route.")]
BodyOption = Annotated[
    Path, typer.Option("--body", help="The route as JSON, as the API takes it; - for standard input.")
]


def register(app: typer.Typer) -> None:
    """Add `trunkline route`."""
    route = typer.Typer(no_args_is_help=True, help="Call routes of the registry.")
    for name, command in (
        ("list", list_routes), ("show", show_route), ("create", create), ("update", update), ("move", move),
        ("status", status), ("delete", delete), ("simulate", simulate),
    ):  # fmt: skip
        route.command(name)(command)
    app.add_typer(route, name="route")


def list_routes(
    name: Annotated[str | None, typer.Option(help="A part of the name.")] = None,
    url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """List routes in the order in which they are looked at."""
    found = reach(url, key, account).all_of(ROUTES, nameContains=name)
    print_rows(found if as_json else map(_row, found), as_json=as_json, title="Routes")


def show_route(
    route_id: IdArgument, url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Show a route with its criteria and destinations."""
    show(reach(url, key, account).ask("GET", f"{ROUTES}/{route_id}"), as_json=as_json)


def create(
    body: BodyOption = Path("-"), url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Add a route after all others."""
    show(reach(url, key, account).ask("POST", ROUTES, read_json(body)), as_json=as_json)


def update(
    route_id: IdArgument, body: BodyOption = Path("-"), url: UrlOption = None, key: KeyOption = None,
    account: AccountOption = None, *, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Change name, criteria and destinations of a route."""
    show(reach(url, key, account).ask("PUT", f"{ROUTES}/{route_id}", read_json(body)), as_json=as_json)


def move(
    route_id: IdArgument, order: Annotated[int, typer.Argument(help="Its new place, counted from 1.")],
    url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Move a route to a place of the order."""
    show(reach(url, key, account).ask("PATCH", f"{ROUTES}/{route_id}", {"order": order}), as_json=as_json)


def status(
    route_id: IdArgument,
    route_status: Annotated[str, typer.Argument(metavar="ENABLED|DISABLED", help="Is it looked at?")],
    url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Let a route be looked at, or not."""
    request = {"routeStatus": route_status}
    show(reach(url, key, account).ask("POST", f"{ROUTES}/{route_id}/status", request), as_json=as_json)


def delete(
    route_id: IdArgument, url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Delete a route; those behind it move up."""
    show(reach(url, key, account).ask("DELETE", f"{ROUTES}/{route_id}"), as_json=as_json)


def simulate(
    to: Annotated[str | None, typer.Option(help="The called number.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="The calling number.")] = None,
    trunk: Annotated[str | None, typer.Option(help="Trunk that the call comes from; default: a telephone.")] = None,
    url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *,
    disabled: Annotated[bool, typer.Option("--disabled", help="Look at disabled routes as well.")] = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Show the route that a call would take."""
    endpoint: dict[str, Any] = {"type": "SIP", "sipTrunkId": trunk} if trunk else {"type": "PHONE"}
    call = {"to": to, "useDisabledRoutes": disabled, "endpoint": endpoint | ({"from": from_} if from_ else {})}
    show(reach(url, key, account).ask("POST", f"{ROUTES}/simulate", call), as_json=as_json)


def _row(route: dict[str, Any]) -> dict[str, Any]:
    return {
        "order": route["order"], "id": route["id"], "name": route["name"], "status": route["status"],
        "criteria": len(route.get("criteria") or ()) or "every call",
        "destinations": ", ".join(map(_target, route["destinations"])),
    }  # fmt: skip


def _target(destination: dict[str, Any]) -> str:
    value = destination.get("value", {})
    named = value.get("phoneNumber") or value.get("sipTrunkId") or destination.get("url") or ""
    return f"{value.get('type', destination['type'])} {named}".strip()
