"""`trunkline address`: service addresses, where the customer's SBC or PBX stands."""

from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.cli.output import JsonOption, fail, print_rows
from pipeline.cli.registry_client import AccountOption, KeyOption, SinceOption, UrlOption, flat, reach, read_json, show

ADDRESSES = "/calls/1/sip-trunks/service-addresses"
COLUMNS = ("id", "name", "street", "suite", "city", "postCode", "region.code", "country.code")
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of the address.")]
BodyOption = Annotated[Path | None, typer.Option("--body", help="The whole request as JSON; - for standard input.")]


def register(app: typer.Typer) -> None:
    """Add `trunkline address`."""
    address = typer.Typer(no_args_is_help=True, help="Service addresses of the registry.")
    for name, command in (
        ("list", list_addresses), ("show", show_address), ("create", create), ("update", update), ("delete", delete),
    ):  # fmt: skip
        address.command(name)(command)
    app.add_typer(address, name="address")


def list_addresses(
    url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *, as_json: JsonOption = False
) -> None:
    """List addresses, the oldest first."""
    found = reach(url, key, account).all_of(ADDRESSES)
    print_rows(found if as_json else (flat(address, *COLUMNS) for address in found), as_json=as_json, title="Addresses")


def show_address(
    address_id: IdArgument, url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Show an address."""
    show(reach(url, key, account).ask("GET", f"{ADDRESSES}/{address_id}"), as_json=as_json)


def create(
    street: Annotated[str | None, typer.Option(help="Street and number.")] = None,
    city: Annotated[str | None, typer.Option(help="City.")] = None,
    post_code: Annotated[str | None, typer.Option(help="Postal code.")] = None,
    country: Annotated[str, typer.Option(help="ISO 3166-1 alpha-3, such as USA.")] = "USA",
    region: Annotated[str | None, typer.Option(help="ISO 3166-2, such as US-TX.")] = None,
    suite: Annotated[str | None, typer.Option(help="Suite, floor or the like.")] = None,
    name: Annotated[str | None, typer.Option(help="Name; default: the city.")] = None,
    body: BodyOption = None, since: SinceOption = None,
    url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Create an address."""
    fields: dict[str, Any] = {
        "name": name or city, "street": street, "suite": suite, "city": city, "postCode": post_code,
        "countryCode": country, "countryRegionCode": region,
    }  # fmt: skip
    request = {name: value for name, value in fields.items() if value} if body is None else read_json(body)
    show(reach(url, key, account, since).ask("POST", ADDRESSES, request), as_json=as_json)


def update(
    address_id: IdArgument,
    street: Annotated[str | None, typer.Option(help="New street and number.")] = None,
    city: Annotated[str | None, typer.Option(help="New city.")] = None,
    post_code: Annotated[str | None, typer.Option(help="New postal code.")] = None,
    region: Annotated[str | None, typer.Option(help="New region, ISO 3166-2, such as US-TX.")] = None,
    suite: Annotated[str | None, typer.Option(help="New suite, floor or the like.")] = None,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    body: BodyOption = None, since: SinceOption = None,
    url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Change what is named, or the whole text; calls made before keep the text of their time."""
    registry, path = reach(url, key, account, since), f"{ADDRESSES}/{address_id}"
    if body is not None:
        request = read_json(body)
    else:
        changes = {"name": name, "street": street, "suite": suite, "city": city, "postCode": post_code,
                   "countryRegionCode": region}  # fmt: skip
        known = {name: value for name, value in changes.items() if value is not None}
        if not known:
            fail("Nothing is named that shall change. Name it, such as --street, or give the whole text with --body.")
        # A PUT replaces, so what shall stay is sent back as it is.
        request = _request(registry.ask("GET", path)) | known
    show(registry.ask("PUT", path, request), as_json=as_json)


def _request(address: dict[str, Any]) -> dict[str, Any]:
    """An address as GET gives it, in the form of a request."""
    region = address.get("region") or {}
    return address | {"countryCode": address["country"]["code"], "countryRegionCode": region.get("code")}


def delete(
    address_id: IdArgument, url: UrlOption = None, key: KeyOption = None, account: AccountOption = None, *,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Delete an address that no trunk uses."""
    show(reach(url, key, account).ask("DELETE", f"{ADDRESSES}/{address_id}"), as_json=as_json)
