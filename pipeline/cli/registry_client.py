"""How the commands of trunks, addresses and routes reach the registry: over its API, or in its database.

With `registry.api_url` and `registry.api_key` in the settings (or `--url` and `--key`) a command speaks HTTP. Without,
it runs the same API on the database in this process, for the account that `--account` names, under the name of the
user. Either way the rules, the audit log and the outbox are the same.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple
from urllib.parse import quote

import typer

from pipeline.cli.output import fail

if TYPE_CHECKING:
    import httpx

UrlOption = Annotated[str | None, typer.Option("--url", help="The registry's API; default: registry.api_url.")]
KeyOption = Annotated[
    str | None, typer.Option("--key", help="App key; default: registry.api_key.", envvar="TRUNKLINE_KEY")
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        metavar="TIME", help="Since when the change holds, such as 2026-01-01T00:00:00Z; default: now. Staff only."
    ),
]
AccountOption = Annotated[str | None, typer.Option("--account", "-a", help="The account, where the database is used.")]
_OK = 300
_BROKEN = 500


class Reach(NamedTuple):
    """Where the registry is, and for whom."""

    url: str | None
    key: str | None
    account: str | None


class Registered(NamedTuple):
    """A way to the registry's API."""

    http: "httpx.Client"

    def ask(self, method: str, path: str, body: Any = None, **query: str | int | None) -> Any:  # noqa: ANN401 - any JSON
        """The JSON answer of a request; a refusal is printed with each field, and ends the command with 2."""
        import httpx

        wanted = {name: value for name, value in query.items() if value is not None}
        try:
            answer = self.http.request(method, path, json=body, params=wanted)
        except httpx.HTTPError as error:
            fail(f"The registry at {self.http.base_url} does not answer: {error}. Start it, or correct --url.", code=3)
        if answer.status_code >= _OK:
            fail(_refusal(answer), code=3 if answer.status_code >= _BROKEN else 2)
        return answer.json() if answer.content else {}

    def all_of(self, path: str, **query: str | None) -> Iterator[dict[str, Any]]:
        """Every result of a listing, page by page."""
        page, pages = 0, 1
        while page < pages:
            found = self.ask("GET", path, page=page, size=100, **query)
            yield from found["results"]
            page, pages = page + 1, found["paging"]["totalPages"]


def reach(url: str | None, key: str | None, account: str | None, since: str | None = None) -> Registered:
    """Open the way that options and settings name; changes hold from `since` on, by default from now on."""
    import httpx

    from pipeline.settings import load_settings

    settings = load_settings()
    url, key = url or settings.registry.api_url, key or settings.registry.api_key
    dated = {} if since is None else {"X-Effective-From": since}
    if url is None:
        return _in_process(account, dated)
    if key is None:
        fail("A key is needed: --key, TRUNKLINE_KEY or registry.api_key. `trunkline key create` issues one.")
    return Registered(
        httpx.Client(base_url=url, headers={"Authorization": f"App {key}", "Connection": "close"} | dated, timeout=30)
    )


def _in_process(account: str | None, headers: Mapping[str, str]) -> Registered:
    """The API itself, without a server: a key that only this process knows stands for the user."""
    import getpass

    from pipeline.registry.api.local import local_client
    from pipeline.registry.opened import open_registry
    from pipeline.settings import load_settings

    settings = load_settings()
    if account is None:
        fail("Name the account: --account ID. With --url and --key the key names it.")
    client = local_client(open_registry(settings), settings, account, f"user {getpass.getuser()}")
    client.headers.update(headers)
    return Registered(client)


def _refusal(answer: "httpx.Response") -> str:
    try:
        exception = answer.json()["requestError"]["serviceException"]
    except (ValueError, KeyError):
        return f"The registry answered {answer.status_code}: {answer.text[:500]}"
    fields = [
        f"  {field}: {message}"
        for field, messages in exception.get("validationErrors", {}).items()
        for message in messages
    ]
    return "\n".join([exception["text"], *fields])


def account_path(account: str) -> str:
    """Where staff find an account in the API."""
    return f"/staff/1/accounts/{quote(account, safe='')}"


def entries_of(content: object) -> list[dict[str, Any]]:
    """The entries of a list, `{"results": [...]}` or the bare array. Raises ValueError."""
    entries = content.get("results") if isinstance(content, Mapping) else content
    if not isinstance(entries, list) or not all(isinstance(entry, dict) and "id" in entry for entry in entries):
        raise ValueError('Expected {"results": [...]} or an array of objects with an id, as GET of the API gives them.')
    return entries


def read_json(source: Path) -> Any:  # noqa: ANN401 - any JSON
    """The JSON of a file; `-` is standard input."""
    try:
        text = typer.get_text_stream("stdin").read() if str(source) == "-" else source.read_text()
        return json.loads(text)
    except (OSError, ValueError) as error:
        fail(f"{source} cannot be read as JSON: {error}.")


def flat(fields: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Some fields of an object for a table; `a.b` is the field b of a, and `a.code` is shown as a."""
    row: dict[str, Any] = {}
    for name in names:
        value: Any = fields
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        row[name.removesuffix(".code").rpartition(".")[2]] = (
            " ".join(map(str, value)) if isinstance(value, list) else value
        )
    return row


def show(record: Mapping[str, Any], *, as_json: bool) -> None:
    """One object: as JSON, or a field a line."""
    from pipeline.cli.output import print_rows

    if as_json:
        typer.echo(json.dumps(record, ensure_ascii=False))
        return
    print_rows([{"field": name, "value": _text(value)} for name, value in record.items()], as_json=False)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
