"""`trunkline trunk`: list, show, create, change, delete, look back, import."""

from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.cli.output import JsonOption, fail, print_rows, problems
from pipeline.cli.registry_client import (
    AccountOption,
    KeyOption,
    SinceOption,
    UrlOption,
    account_path,
    entries_of,
    flat,
    reach,
    read_json,
    show,
)  # fmt: skip

TRUNKS, TEAMS = "/calls/1/sip-trunks", "/operator-connect/1/trunks"
COLUMNS = ("id", "name", "type", "location", "channelLimit", "billingPackage.packageType", "billingPackage.addressId")
_AT_ONCE = 100
"""Entries of a list in one request; far below the size that a body may have."""
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of the trunk.")]
TeamsOption = Annotated[bool, typer.Option("--operator-connect", help="A trunk of Microsoft Operator Connect.")]
BodyOption = Annotated[
    Path | None, typer.Option("--body", help="The whole request as JSON, as the API takes it; - for standard input.")
]


def register(app: typer.Typer) -> None:
    """Add `trunkline trunk`."""
    trunk = typer.Typer(no_args_is_help=True, help="SIP trunks of the registry.")
    for name, command in (
        ("list", list_trunks), ("show", show_trunk), ("create", create), ("update", update), ("delete", delete),
        ("history", history), ("status", status), ("reset-password", reset_password), ("import", import_trunks),
    ):  # fmt: skip
        trunk.command(name)(command)
    app.add_typer(trunk, name="trunk")


def list_trunks(
    name: Annotated[str | None, typer.Option(help="A part of the name.")] = None,
    url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *,
    operator_connect: TeamsOption = False, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """List trunks, the oldest first."""
    found = reach(url, key, account).all_of(_path(operator_connect=operator_connect), name=name)
    print_rows(found if as_json else (flat(trunk, *COLUMNS) for trunk in found), as_json=as_json, title="Trunks")


def show_trunk(
    trunk_id: IdArgument, url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *,
    operator_connect: TeamsOption = False, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Show a trunk with its status."""
    registry, path = reach(url, key, account), f"{_path(operator_connect=operator_connect)}/{trunk_id}"
    trunk = registry.ask("GET", path) | {"status": registry.ask("GET", f"{path}/status")}
    show(trunk, as_json=as_json)


def create(
    name: Annotated[str | None, typer.Option(help="Name of the trunk.")] = None,
    type_: Annotated[str, typer.Option("--type", help="STATIC, REGISTERED, or PROVIDER with --body.")] = "REGISTERED",
    channels: Annotated[int, typer.Option(help="Channel limit, 1 to 1000.")] = 10,
    package: Annotated[str, typer.Option(help="METERED or UNLIMITED.")] = "METERED",
    address: Annotated[str | None, typer.Option(help="Id of the service address.")] = None,
    location: Annotated[str | None, typer.Option(help="Data centre.")] = None,
    source_host: Annotated[list[str] | None, typer.Option(help="STATIC: where it sends from; may be repeated.")] = None,
    destination_host: Annotated[list[str] | None, typer.Option(help="STATIC: where it is reached.")] = None,
    body: BodyOption = None, since: SinceOption = None,
    url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *,
    operator_connect: TeamsOption = False, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Create a trunk. The password of a REGISTERED one is shown this once."""
    billing = {"packageType": package, "addressId": address, "countryCode": "USA" if package == "UNLIMITED" else None}
    fields = {
        "type": type_, "name": name, "channelLimit": channels, "location": location, "billingPackage": _known(billing),
        "sourceHosts": source_host or None, "destinationHosts": destination_host or None,
    }  # fmt: skip
    request = _known(fields) if body is None else read_json(body)
    show(
        reach(url, key, account, since).ask("POST", _path(operator_connect=operator_connect), request), as_json=as_json
    )


def update(
    trunk_id: IdArgument,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    channels: Annotated[int | None, typer.Option(help="New channel limit, from now on.")] = None,
    source_host: Annotated[list[str] | None, typer.Option(help="All source hosts from now on.")] = None,
    body: BodyOption = None, since: SinceOption = None,
    url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *,
    operator_connect: TeamsOption = False, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Change what is named; everything else stays as it is."""
    registry, path = reach(url, key, account, since), f"{_path(operator_connect=operator_connect)}/{trunk_id}"
    if body is not None:
        request = read_json(body)
    else:
        changes = {"name": name, "channelLimit": channels, "sourceHosts": source_host or None}
        # A PUT replaces, so what shall stay is sent back as it is.
        request = registry.ask("GET", path) | _known(changes)
    show(registry.ask("PUT", path, request), as_json=as_json)


def delete(
    trunk_id: IdArgument, since: SinceOption = None,
    url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *,
    operator_connect: TeamsOption = False, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Delete a trunk. Calls that it has carried are still billed."""
    path = f"{_path(operator_connect=operator_connect)}/{trunk_id}"
    show(reach(url, key, account, since).ask("DELETE", path), as_json=as_json)


def status(
    trunk_id: IdArgument,
    admin_status: Annotated[str, typer.Argument(metavar="ENABLED|DISABLED", help="May it carry calls?")],
    since: SinceOption = None, url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *,
    operator_connect: TeamsOption = False,
    as_staff: Annotated[
        bool, typer.Option("--staff", help="For the provider, which alone sets and lifts SYSTEM_DISABLED; --account.")
    ] = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Let a trunk carry calls from now on, or no longer."""
    if as_staff and account is None:
        fail("Name the account of the trunk: --account ID.")
    kept = f"{account_path(account)}/trunks" if as_staff and account else _path(operator_connect=operator_connect)
    request = {"adminStatus": admin_status}
    show(reach(url, key, account, since).ask("POST", f"{kept}/{trunk_id}/status", request), as_json=as_json)


def reset_password(
    trunk_id: IdArgument, url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Give a REGISTERED trunk a new password, shown this once; the old one is no longer good."""
    show(reach(url, key, account).ask("POST", f"{TRUNKS}/{trunk_id}/reset-password"), as_json=as_json)


def history(
    trunk_id: IdArgument, url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Show every version of a trunk, and who changed what and when."""
    found = reach(url, key, account).ask("GET", f"{TRUNKS}/{trunk_id}/history")
    if as_json:
        show(found, as_json=True)
        return
    print_rows((flat(version, *version) for version in found["versions"]), as_json=False, title="Versions")
    print_rows(map(_change_row, found["changes"]), as_json=False, title="Changes")


def import_trunks(
    files: Annotated[list[Path], typer.Argument(help="Lists as GET gives them, addresses before trunks.")],
    account: Annotated[str, typer.Option("--account", "-a", help="The account that gets them.")],
    since: SinceOption = None, url: UrlOption = None, key: KeyOption = None, *, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Take over the provider's own lists, ids included. What is there already is left alone."""
    registry, rows = reach(url, key, account, since), []
    for file in files:
        try:
            entries = entries_of(read_json(file))
        except ValueError as error:
            fail(f"{file}: {error}")
        for start in range(0, len(entries), _AT_ONCE):
            body = {"results": entries[start : start + _AT_ONCE]}
            rows += registry.ask("POST", f"{account_path(account)}/import", body)["results"]
    print_rows(rows, as_json=as_json, title="Import")
    if any(row["result"] == "refused" for row in rows):
        problems.print("Some entries were refused; correct the file and import it again.")
        raise typer.Exit(1)


def _path(*, operator_connect: bool) -> str:
    return TEAMS if operator_connect else TRUNKS


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _change_row(change: dict[str, Any]) -> dict[str, Any]:
    moved = [
        f"{name}: {move['to']}" if move["from"] is None else f"{name}: {move['from']} -> {move['to']}"
        for name, move in change["changes"].items()
    ]
    return {"at": change["at"], "actor": change["actor"], "action": change["action"], "changes": "; ".join(moved)}
