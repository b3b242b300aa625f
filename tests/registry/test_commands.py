"""The command line on the database itself, as an operator in a hurry uses it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli import app
from pipeline.settings import load_settings
from pipeline.shipped import DATA
from tests.registry.servers import Server

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command in a folder with a registry of its own; for acme, unless the command says otherwise."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRUNKLINE_REGISTRY_URL", f"sqlite:///{tmp_path / 'registry.db'}")
    monkeypatch.setenv("COLUMNS", "200")
    load_settings.cache_clear()

    def run(*arguments: str, stdin: str = "", code: int = 0) -> Result:
        result = CliRunner().invoke(app, list(arguments), input=stdin)
        assert code == result.exit_code, result.output
        return result

    yield run
    load_settings.cache_clear()


def _lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def _created(run: Run, *options: str) -> dict[str, Any]:
    (trunk,) = _lines(run("trunk", "create", "-a", "acme", "--name", "Office", *options, "--json"))
    return trunk


def test_a_trunks_life(run: Run) -> None:
    """Create, list, show, change, switch off, look back, delete."""
    trunk = _created(run, "--channels", "3")
    assert trunk["password"]
    assert ["Office"] == [row["name"] for row in _lines(run("trunk", "list", "-a", "acme", "--json"))]
    assert "Office" in run("trunk", "list", "-a", "acme", "--name", "off").stdout
    run("trunk", "update", trunk["id"], "-a", "acme", "--channels", "7")
    run("trunk", "status", trunk["id"], "DISABLED", "-a", "acme")
    (shown,) = _lines(run("trunk", "show", trunk["id"], "-a", "acme", "--json"))
    assert (7, "DISABLED", None) == (shown["channelLimit"], shown["status"]["adminStatus"], shown.get("password"))
    (history,) = _lines(run("trunk", "history", trunk["id"], "-a", "acme", "--json"))
    assert [3, 7, 7] == [version["channelLimit"] for version in history["versions"]]
    assert all(change["actor"].startswith("user ") for change in history["changes"])
    assert "channelLimit: 3 -> 7" in run("trunk", "history", trunk["id"], "-a", "acme").stdout
    run("trunk", "delete", trunk["id"], "-a", "acme")
    assert "no SIP trunk" in run("trunk", "show", trunk["id"], "-a", "acme", code=2).stderr


def test_an_update_keeps_what_it_does_not_name(run: Run) -> None:
    """A PUT replaces, so the command sends back what shall stay."""
    trunk = _created(run, "--type", "STATIC", "--source-host", "8.8.8.8", "--destination-host", "pbx.acme.io")
    body = trunk | {"codecs": ["G729"], "fax": "T38"}
    run("trunk", "update", trunk["id"], "-a", "acme", "--body", "-", stdin=json.dumps(body))
    (renamed,) = _lines(run("trunk", "update", trunk["id"], "-a", "acme", "--name", "New", "--json"))
    assert ("New", ["G729"], "T38", ["8.8.8.8"], ["pbx.acme.io"]) == tuple(
        renamed[name] for name in ("name", "codecs", "fax", "sourceHosts", "destinationHosts")
    )


def test_a_refusal_names_each_field(run: Run) -> None:
    """Exit code 2, and no traceback."""
    result = run("trunk", "create", "-a", "acme", "--name", "X", "--channels", "0", code=2)
    assert "channelLimit: Input should be greater than or equal to 1" in result.stderr
    assert "Name the account" in run("trunk", "list", code=2).stderr
    assert "cannot be read as JSON" in run("route", "create", "-a", "acme", stdin="{", code=2).stderr


def test_addresses_and_an_operator_connect_trunk(run: Run) -> None:
    """An address is created, changed, used, and then not deleted."""
    place = ["--street", "1 Congress Ave", "--city", "Austin", "--post-code", "78701", "--region", "US-TX"]
    (address,) = _lines(run("address", "create", "-a", "acme", *place, "--json"))
    changed = {"name": "A", "street": "2 Congress Ave", "city": "Austin", "postCode": "78701", "countryCode": "USA",
               "countryRegionCode": "US-TX"}  # fmt: skip
    run("address", "update", address["id"], "-a", "acme", "--body", "-", stdin=json.dumps(changed))
    assert "2 Congress Ave" in run("address", "list", "-a", "acme").stdout
    teams = {
        "type": "OPERATOR_CONNECT", "name": "Teams", "channelLimit": 5,
        "billingPackage": {"packageType": "METERED", "addressId": address["id"]},
        "provider": {"type": "MICROSOFT_OPERATOR_CONNECT", "tenantId": "tenant"},
    }  # fmt: skip
    run("trunk", "create", "-a", "acme", "--operator-connect", "--body", "-", stdin=json.dumps(teams))
    assert "Teams" in run("trunk", "list", "-a", "acme", "--operator-connect").stdout
    assert "Teams" not in run("trunk", "list", "-a", "acme").stdout
    (team,) = _lines(run("trunk", "list", "-a", "acme", "--operator-connect", "--json"))
    run("trunk", "status", team["id"], "SYSTEM_DISABLED", "-a", "acme", "--staff")
    assert "SYSTEM_DISABLED" in run("trunk", "show", team["id"], "-a", "acme", "--operator-connect").stdout
    refused = run("trunk", "status", team["id"], "ENABLED", "-a", "acme", "--operator-connect", code=2)
    assert "only the provider enables it" in refused.stderr
    assert "Name the account" in run("trunk", "status", team["id"], "ENABLED", "--staff", code=2).stderr
    assert "'Teams'" in run("address", "delete", address["id"], "-a", "acme", code=2).stderr
    assert "Austin" in run("address", "show", address["id"], "-a", "acme").stdout


def test_routes_and_their_simulator(run: Run) -> None:
    """Two routes are created, reordered, switched off and simulated."""

    def route(name: str, to: str) -> str:
        phone = {"type": "ENDPOINT", "value": {"type": "PHONE", "phoneNumber": to}}
        return json.dumps({"name": name, "criteria": [{"to": to}], "destinations": [phone]})

    made = [
        _lines(run("route", "create", "-a", "acme", "--json", stdin=route(name, to)))[0]["id"]
        for name, to in (("one", "1212"), ("two", "1.+"))
    ]

    def taken() -> str:
        (found,) = _lines(run("route", "simulate", "-a", "acme", "--to", "1212", "--from", "1313", "--json"))
        return found["name"]

    assert "one" == taken()
    run("route", "move", made[1], "1", "-a", "acme")
    assert "two" == taken()
    run("route", "status", made[1], "DISABLED", "-a", "acme")
    assert "one" == taken()
    run("route", "update", made[0], "-a", "acme", stdin=route("renamed", "1212"))
    assert "renamed" in run("route", "list", "-a", "acme").stdout
    assert "PHONE 1212" in run("route", "list", "-a", "acme", "--name", "ren").stdout
    run("route", "delete", made[0], "-a", "acme")
    assert "E404" not in run("route", "simulate", "-a", "acme", "--to", "1212", code=2).stderr
    assert "two" in run("route", "show", made[1], "-a", "acme").stdout


def test_keys_are_shown_once_and_revoked(run: Run) -> None:
    """The listing has no text of a key; an unknown scope and an unknown key are refused with what there is."""
    (new,) = _lines(run("key", "create", "acme", "--name", "robot", "--scope", "calls:manage", "--json"))
    listed = run("key", "list", "--account", "acme").stdout
    assert "robot" in listed
    assert new["key"] not in listed
    run("key", "revoke", new["key_id"])
    assert _lines(run("key", "list", "--json"))[0]["revoked_at"]
    assert "callrouting:manage" in run("key", "create", "acme", "--scope", "all", code=2).stderr
    assert "key list" in run("key", "revoke", "nobody", code=2).stderr


def test_lists_of_the_provider_are_imported_as_they_are(run: Run, tmp_path: Path) -> None:
    """Ids stay; what is wrong is named; the second time, what is there already is left alone."""
    addresses = {"results": [{
        "id": "addr-1", "name": "Austin", "street": "1 Congress Ave", "city": "Austin", "postCode": "78701",
        "country": {"name": "United States", "code": "USA"},
        "region": {"name": "Texas", "code": "US-TX", "countryCode": "USA"},
    }], "paging": {"page": 0, "size": 20, "totalPages": 1, "totalResults": 1}}  # fmt: skip
    package = {"packageType": "METERED", "addressId": "addr-1"}
    common = {"channelLimit": 10, "billingPackage": package, "location": "NEW_YORK", "sbcHosts": {"primary": []}}
    trunks = {"results": [
        common | {"id": "t-1", "type": "REGISTERED", "name": "PBX", "username": "pbx-1"},
        common | {"id": "t-2", "type": "PROVIDER", "name": "G", "provider": {
            "type": "GENESYS_CLOUD", "region": "NA_US_EAST_1", "inboundTerminationIdentifier": "theirs",
            "outboundTerminationFQDN": "theirs.byoc.io"}},
        common | {"id": "t-3", "type": "STATIC", "name": "Bad", "sourceHosts": ["10.0.0.1"]},
    ]}  # fmt: skip
    for name, content in (("addresses.json", addresses), ("trunks.json", trunks)):
        Path(name).write_text(json.dumps(content))
    arguments = ("trunk", "import", "addresses.json", "trunks.json", "-a", "acme", "--since", "2026-01-01T00:00:00Z")
    first, second = (_lines(run(*arguments, "--json", code=1)) for _ in range(2))
    assert ["imported", "imported", "imported", "refused"] == [row["result"] for row in first]
    assert "sourceHosts[0]" in first[3]["reason"]
    assert ["there already"] * 3 + ["refused"] == [row["result"] for row in second]
    (shown,) = _lines(run("trunk", "show", "t-2", "-a", "acme", "--json"))
    assert "theirs" == shown["provider"]["inboundTerminationIdentifier"]
    (history,) = _lines(run("trunk", "history", "t-1", "-a", "acme", "--json"))
    assert "2026-01-01T00:00:00.000+0000" == history["versions"][0]["effectiveFrom"]
    Path("bad.json").write_text("[1]")
    assert "Expected" in run("trunk", "import", "bad.json", "-a", "acme", code=2).stderr
    assert "is no time" in run("trunk", "import", "trunks.json", "-a", "acme", "--since", "soon", code=2).stderr


def test_commands_speak_to_a_server(run: Run, server: Server, account: str) -> None:
    """With --url and --key the same commands go over HTTP; a server that is away is said, with exit code 3."""
    over = ("--url", server.url, "--key", server.key(account))
    (trunk,) = _lines(run("trunk", "create", "--name", "Remote", "--json", *over))
    assert "Remote" in run("trunk", "list", *over).stdout
    assert "key is needed" in run("trunk", "list", "--url", server.url, code=2).stderr
    away = ("--url", "http://127.0.0.1:9", "--key", "any")
    assert "does not answer" in run("trunk", "show", trunk["id"], *away, code=3).stderr


def test_migrate_says_where(run: Run) -> None:
    """Run before a new version's servers start."""
    assert "registry.db" in run("registry", "migrate").stderr


def test_the_shipped_locations_are_complete() -> None:
    """The eleven data centres of the published API."""
    assert 11 == (DATA / "registry" / "locations.yaml").read_text().count("primary:")


def test_staff_work_over_http(run: Run, server: Server, account: str, tmp_path: Path) -> None:
    """Open an account, issue a key, take over a list, date a change; the key that was issued sees it all."""
    staff = ("--url", server.url, "--key", server.key("staff", "registry:staff"))
    (opened,) = _lines(run("registry", "account", account, "--metered-plan", "metered-us", *staff, "--json"))
    assert ("metered-us", 0) == (opened["meteredPlan"], opened["trunks"])
    scopes = ("--scope", "calls:manage", "--scope", "registry:dated")
    (new,) = _lines(run("key", "create", account, *scopes, *staff, "--json"))
    entry = {"type": "REGISTERED", "name": "PBX", "channelLimit": 5, "billingPackage": {"packageType": "METERED"}}
    entries = [entry | {"id": f"{account}-{number}"} for number in range(250)]
    Path("trunks.json").write_text(json.dumps(entries))
    arguments = ("trunk", "import", "trunks.json", "-a", account, "--since", "2026-01-01T00:00:00Z", *staff, "--json")
    assert ["imported"] * 250 == [row["result"] for row in _lines(run(*arguments))]
    customer = ("--url", server.url, "--key", new["key"])
    trunk = f"{account}-7"
    run("trunk", "update", trunk, "--channels", "9", "--since", "2026-10-16T00:00:00Z", *customer)
    assert "too early" in run("trunk", "delete", trunk, "--since", "2026-10-15", *customer, code=2).stderr
    (history,) = _lines(run("trunk", "history", trunk, *customer, "--json"))
    assert [(5, "2026-01-01T00:00:00.000+0000"), (9, "2026-10-16T00:00:00.000+0000")] == [
        (version["channelLimit"], version["effectiveFrom"]) for version in history["versions"]
    ]
    assert "registry:staff" in run("registry", "account", account, *customer, code=2).stderr


def test_a_password_is_reset(run: Run) -> None:
    """Shown once more, another one; a trunk that does not register has none."""
    trunk = _created(run)
    (fresh,) = _lines(run("trunk", "reset-password", trunk["id"], "-a", "acme", "--json"))
    assert trunk["username"] == fresh["username"]
    assert trunk["password"] != fresh["password"]
    static = _created(run, "--type", "STATIC", "--destination-host", "pbx.acme.io")
    assert "have no password" in run("trunk", "reset-password", static["id"], "-a", "acme", code=2).stderr


def test_an_address_keeps_what_an_update_does_not_name(run: Run) -> None:
    """Country and region as well; naming nothing is a mistake."""
    place = ["--street", "1 Congress Ave", "--city", "Austin", "--post-code", "78701", "--region", "US-TX"]
    (address,) = _lines(run("address", "create", "-a", "acme", *place, "--json"))
    (moved,) = _lines(run("address", "update", address["id"], "-a", "acme", "--suite", "Floor 4", "--json"))
    assert address | {"suite": "Floor 4"} == moved
    assert "Nothing is named" in run("address", "update", address["id"], "-a", "acme", code=2).stderr


def test_an_account_is_shown_with_its_limit(run: Run) -> None:
    """Of the database itself; what is not named stays."""
    run("registry", "account", "acme", "--trunk-limit", "1")
    _created(run)
    assert "1 trunk, as many" in run("trunk", "create", "-a", "acme", "--name", "X", code=2).stderr
    assert "trunkLimit" in run("registry", "account", "acme").stdout
