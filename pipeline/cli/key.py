"""`trunkline key`: App keys of the registry's API."""

from typing import Annotated

import typer

from pipeline.cli.output import JsonOption, fail, print_rows
from pipeline.cli.registry_client import KeyOption, UrlOption, account_path, reach


def register(app: typer.Typer) -> None:
    """Add `trunkline key`."""
    key = typer.Typer(no_args_is_help=True, help="App keys: who may use the registry's API, for which account.")
    key.command("create")(create)
    key.command("list")(list_all)
    key.command("revoke")(revoke)
    app.add_typer(key, name="key")


def create(
    account: Annotated[str, typer.Argument(help="Account that the key acts for; opened if it is new.")],
    name: Annotated[str, typer.Option(help="Who or what will use the key.")] = "default",
    scope: Annotated[
        list[str] | None, typer.Option(help="What it may do; may be repeated; default: all that customers may.")
    ] = None,
    metered_plan: Annotated[str | None, typer.Option(help="Plan of the account's new METERED trunks.")] = None,
    unlimited_plan: Annotated[str | None, typer.Option(help="Plan of its new UNLIMITED trunks.")] = None,
    url: UrlOption = None, key: KeyOption = None, *, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Issue a key. Its text is shown this once; only a hash of it is kept."""
    registry = reach(url, key, account)
    registry.ask("PUT", account_path(account), {"meteredPlan": metered_plan, "unlimitedPlan": unlimited_plan})
    new = registry.ask("POST", f"{account_path(account)}/keys", {"name": name, "scopes": scope})
    rows = [{"key_id": new["keyId"], "key": new["key"]}]
    print_rows(rows, as_json=as_json, title="Keep the key, it is not shown again")


def list_all(
    account: Annotated[str | None, typer.Option("--account", "-a", help="Only those of this account.")] = None,
    *, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """List keys without their text."""
    from pipeline.registry.opened import open_registry
    from pipeline.registry.store.keys import list_keys
    from pipeline.settings import load_settings

    print_rows(list_keys(open_registry(load_settings()), account), as_json=as_json, title="Keys")


def revoke(
    key_id: Annotated[str, typer.Argument(metavar="KEY_ID", help="Id of the key, see `trunkline key list`.")],
) -> None:
    """Let a key open nothing from now on."""
    from pipeline.registry.opened import open_registry
    from pipeline.registry.problems import NotFound
    from pipeline.registry.store.keys import revoke_key
    from pipeline.settings import load_settings

    try:
        revoke_key(open_registry(load_settings()), key_id)
    except NotFound:
        fail(f"There is no key {key_id!r}. `trunkline key list` shows which there are.")
