"""What the provider's staff do over HTTP: accounts, keys, lists taken over, and changes for another time than now."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from pipeline.registry.api.gate import KNOWN_SECONDS
from pipeline.registry.store.records import all_trunks
from tests.registry.servers import Server

TRUNKS, ADDRESSES = "/calls/1/sip-trunks", "/calls/1/sip-trunks/service-addresses"
NEW_YEAR = "2026-01-01T06:00:00Z"
PLACE = {"name": "A", "street": "1 Main St", "city": "Austin", "postCode": "78701", "countryCode": "USA",
         "countryRegionCode": "US-TX"}  # fmt: skip


@pytest.fixture
def staff(server: Server) -> Iterator[httpx.Client]:
    """A client with a key of the staff."""
    with server.http("staff", "registry:staff", "registry:dated") as http:
        yield http


@pytest.fixture
def customer(server: Server, account: str) -> Iterator[httpx.Client]:
    """A client with a key that may do all that a customer may."""
    with server.http(account) as http:
        yield http


@pytest.fixture
def dated(server: Server, account: str) -> Iterator[httpx.Client]:
    """A client that may act for the account at another time than now."""
    with server.http(account, "calls:manage", "registry:dated") as http:
        yield http


def _trunk(**fields: Any) -> dict[str, Any]:
    return {"type": "REGISTERED", "name": "T", "channelLimit": 5, "billingPackage": {"packageType": "METERED"}} | fields


def _refusal(answer: httpx.Response, status: int = 400) -> str:
    assert status == answer.status_code, answer.text
    return str(answer.json()["requestError"]["serviceException"])


def _since(instant: str) -> dict[str, str]:
    return {"X-Effective-From": instant}


def test_an_account_is_opened_and_changed(staff: httpx.Client, account: str) -> None:
    """What is not named stays as it is; the plans of the settings are those of a new account."""
    path = f"/staff/1/accounts/{account}"
    assert "no account" in _refusal(staff.get(path), 404)
    opened = staff.put(path, json={"meteredPlan": "metered-us"}).json()
    assert {"accountId": account, "meteredPlan": "metered-us", "unlimitedPlan": "unlimited", "trunkLimit": 100_000,
            "trunks": 0} == opened  # fmt: skip
    staff.put(path, json={"unlimitedPlan": "unlimited-us", "trunkLimit": 3})
    assert ("metered-us", "unlimited-us", 3) == tuple(
        staff.get(path).json()[name] for name in ("meteredPlan", "unlimitedPlan", "trunkLimit")
    )
    assert "trunkLimit" in _refusal(staff.put(path, json={"trunkLimit": 0}))


def test_a_key_is_issued_and_revoked(server: Server, staff: httpx.Client, account: str) -> None:
    """By default it may do all that a customer may, and nothing of the staff's."""
    path = f"/staff/1/accounts/{account}"
    assert "is not open" in _refusal(staff.post(f"{path}/keys", json={"name": "robot"}))
    staff.put(path, json={})
    made = staff.post(f"{path}/keys", json={"name": "robot"})
    assert (201, account) == (made.status_code, made.json()["accountId"])
    headers = {"Authorization": f"App {made.json()['key']}"}
    with httpx.Client(base_url=server.url, headers=headers) as http:
        assert 200 == http.get(TRUNKS).status_code
        assert "registry:staff" in _refusal(http.get(path), 403)
        assert 204 == staff.delete(f"/staff/1/keys/{made.json()['keyId']}").status_code
        time.sleep(KNOWN_SECONDS)
        assert 401 == http.get(TRUNKS).status_code
    assert "no key" in _refusal(staff.delete("/staff/1/keys/nobody"), 404)
    assert "scopes" in _refusal(staff.post(f"{path}/keys", json={"name": "robot", "scopes": ["all"]}))


def test_only_the_provider_lifts_what_the_provider_disabled(
    staff: httpx.Client, customer: httpx.Client, account: str
) -> None:
    """SYSTEM_DISABLED is ours alone: a customer may not set it, nor enable or disable such a trunk."""
    trunk = customer.post(TRUNKS, json=_trunk()).json()["id"]
    mine, ours = f"{TRUNKS}/{trunk}/status", f"/staff/1/accounts/{account}/trunks/{trunk}/status"
    assert "adminStatus" in _refusal(customer.post(mine, json={"adminStatus": "SYSTEM_DISABLED"}))
    assert {"adminStatus": "SYSTEM_DISABLED"} == staff.post(ours, json={"adminStatus": "SYSTEM_DISABLED"}).json()
    assert "SYSTEM_DISABLED" == customer.get(mine).json()["adminStatus"]
    for status in ("ENABLED", "DISABLED"):
        assert "only the provider" in _refusal(customer.post(mine, json={"adminStatus": status}))
    versions = customer.get(f"{TRUNKS}/{trunk}/history").json()["versions"]
    assert ["ENABLED", "SYSTEM_DISABLED"] == [version["adminStatus"] for version in versions]
    assert {"adminStatus": "ENABLED"} == staff.post(ours, json={"adminStatus": "ENABLED"}).json()
    assert {"adminStatus": "DISABLED"} == customer.post(mine, json={"adminStatus": "DISABLED"}).json()
    nobodys = ours.replace(trunk, "gone")
    assert "There is no SIP trunk" in _refusal(staff.post(nobodys, json={"adminStatus": "ENABLED"}), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("PUT", ""), ("POST", "/keys"), ("POST", "/import"), ("POST", "/trunks/any/status")],
)
def test_customers_are_not_staff(customer: httpx.Client, account: str, method: str, path: str) -> None:
    """403, also for their own account."""
    body = {"name": "x", "results": []}
    _refusal(customer.request(method, f"/staff/1/accounts/{account}{path}", json=body), 403)


LIST = [
    {"id": "addr", "name": "Austin", "street": "1 Main St", "city": "Austin", "postCode": "78701",
     "country": {"name": "United States", "code": "USA"}, "region": {"name": "Texas", "code": "US-TX"}},
    _trunk(id="pbx", username="pbx", numbers=["+15125550100", "+15125550101"]),
    _trunk(id="rooms", type="PROVIDER", provider={"type": "CISCO_WEBEX", "ciscoUUID": "org"}, planId="unlimited-rooms",
           billingPackage={"packageType": "UNLIMITED", "countryCode": "USA", "addressId": "addr"}),
    _trunk(id="teams", type="OPERATOR_CONNECT", provider={"type": "MICROSOFT_OPERATOR_CONNECT", "tenantId": "t"},
           billingPackage={"packageType": "METERED", "addressId": "addr"}),
]  # fmt: skip


def _own(account: str, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The list with ids that no other test has."""
    words = {"addr", "pbx", "rooms", "teams", "org", "t"}

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: renamed(item) for key, item in value.items()}
        return f"{account}-{value}" if isinstance(value, str) and value in words else value

    return [renamed(entry) | ({"numbers": [f"+1{number}" for number in _digits(account)]} if "numbers" in entry else {})
            for entry in entries]  # fmt: skip


def _digits(account: str) -> list[int]:
    first = 2_000_000_000 + int(account.removeprefix("account-"), 16) % 1_000_000_000
    return [first, first + 1]


def test_lists_are_taken_over_with_ids_numbers_and_plans(
    server: Server, staff: httpx.Client, customer: httpx.Client, account: str
) -> None:
    """All types, Operator Connect included; the second time everything is there already."""
    path, body = f"/staff/1/accounts/{account}/import", {"results": _own(account, LIST)}
    made = staff.post(path, json=body, headers=_since(NEW_YEAR)).json()["results"]
    assert [("address", "imported")] + [("trunk", "imported")] * 3 == [(row["kind"], row["result"]) for row in made]
    assert {"there already"} == {row["result"] for row in staff.post(path, json=body).json()["results"]}
    shown = customer.get(f"{TRUNKS}/{account}-pbx").json()
    assert ([f"+1{number}" for number in _digits(account)], f"{account}-pbx") == (shown["numbers"], shown["username"])
    assert 200 == customer.get(f"/operator-connect/1/trunks/{account}-teams").status_code
    with server.registry.database.read() as session:
        trunks = {record.trunk.trunk_id: record.trunk for record in all_trunks(session)}
    pbx, rooms = trunks[f"{account}-pbx"], trunks[f"{account}-rooms"]
    assert (("metered-us", "unlimited-rooms"), datetime(2026, 1, 1, 6, tzinfo=UTC)) == (
        (pbx.plan_id, rooms.plan_id), pbx.effective_from,
    )  # fmt: skip
    assert [f"+1{number}" for number in _digits(account)] == list(pbx.dids)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"username": "pbx"}, "username"),
        ({"numbers": ["+15125550100"]}, "numbers"),
        ({"numbers": ["5125550100"]}, "numbers"),
        ({"id": "a b"}, "id"),
        ({"id": 5}, "id"),
        ({"planId": ""}, "planId"),
        ({"type": "AUTHENTICATED"}, "AUTHENTICATED"),
        ({"channelLimit": 0}, "channelLimit"),
        ({"id": "\ud800"}, "id"),
        ({"name": "\ud800"}, "name"),
        ({"username": ["a"]}, "username"),
        ({"numbers": "+15125550100"}, "numbers"),
        ({"type": "PROVIDER", "provider": "FRESHWORKS"}, "provider"),
        ({"street": "1 Main St"}, "city"),
        (
            {
                "type": "PROVIDER",
                "provider": {"type": "GENESYS_CLOUD", "region": "EU_WEST_1", "inboundTerminationIdentifier": "x" * 300},
            },
            "inboundTerminationIdentifier",
        ),
    ],
)
def test_an_entry_that_breaks_a_rule_is_refused_by_itself(
    staff: httpx.Client, account: str, fields: dict[str, Any], word: str
) -> None:
    """With the field and what is wrong; those beside it are taken. A name or number finds one trunk alone."""
    good = _trunk(id=f"{account}-good", username=f"{account}-pbx", numbers=[f"+1{_digits(account)[0]}"])
    bad = _trunk(id=f"{account}-bad") | fields
    if word == "username":
        bad["username"] = good["username"]
    if fields.get("numbers") == ["+15125550100"]:
        bad["numbers"] = good["numbers"]
    staff.put(f"/staff/1/accounts/{account}", json={})
    body = json.dumps({"results": [good, bad]})
    answer = staff.post(
        f"/staff/1/accounts/{account}/import", content=body, headers={"Content-Type": "application/json"}
    )
    first, second = answer.json()["results"]
    assert ("imported", "refused") == (first["result"], second["result"])
    assert word in second["reason"]


@pytest.mark.parametrize("body", [{}, {"results": {}}, {"results": [1]}, {"results": "all"}, []])
def test_what_is_no_list_is_refused(staff: httpx.Client, account: str, body: object) -> None:
    """400 for the whole request."""
    _refusal(staff.post(f"/staff/1/accounts/{account}/import", json=body))


def test_the_same_list_twice_at_once_is_taken_once(staff: httpx.Client, account: str) -> None:
    """Whoever is faster has imported an entry; for the other it is there already."""
    staff.put(f"/staff/1/accounts/{account}", json={})
    body = {"results": [_trunk(id=f"{account}-{number}") for number in range(5)]}
    answers: list[list[dict[str, str]]] = []

    def take() -> None:
        answers.append(staff.post(f"/staff/1/accounts/{account}/import", json=body).json()["results"])

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results = [row["result"] for rows in answers for row in rows]
    assert (5, 15) == (results.count("imported"), results.count("there already"))


def test_a_change_holds_from_the_instant_that_staff_name(dated: httpx.Client) -> None:
    """Create, limit, status and end at dates of the past; the audit log has the time at which it was entered."""
    asked = datetime.now(UTC) - timedelta(seconds=5)
    trunk = dated.post(TRUNKS, json=_trunk(), headers=_since(NEW_YEAR)).json()["id"]
    change = {"type": "REGISTERED", "name": "T", "channelLimit": 9}
    assert 202 == dated.put(f"{TRUNKS}/{trunk}", json=change, headers=_since("2026-02-01T00:00:00+01:00")).status_code
    off = {"adminStatus": "DISABLED"}
    assert 200 == dated.post(f"{TRUNKS}/{trunk}/status", json=off, headers=_since("2026-03-01")).status_code
    assert 202 == dated.delete(f"{TRUNKS}/{trunk}", headers=_since("2026-04-01T00:00:00Z")).status_code
    history = dated.get(f"{TRUNKS}/{trunk}/history").json()
    assert [
        (5, "ENABLED", "2026-01-01T06:00:00.000+0000"), (9, "ENABLED", "2026-01-31T23:00:00.000+0000"),
        (9, "DISABLED", "2026-03-01T00:00:00.000+0000"), (9, "DISABLED", "2026-04-01T00:00:00.000+0000"),
    ] == [(row["channelLimit"], row["adminStatus"], row["effectiveFrom"]) for row in history["versions"]]  # fmt: skip
    assert all(asked <= datetime.fromisoformat(change["at"]) for change in history["changes"])


def test_an_address_has_dated_texts(server: Server, dated: httpx.Client) -> None:
    """Its versions begin when staff say so."""
    address = dated.post(ADDRESSES, json=PLACE, headers=_since(NEW_YEAR)).json()["id"]
    moved = PLACE | {"street": "2 Main St"}
    assert 200 == dated.put(f"{ADDRESSES}/{address}", json=moved, headers=_since("2026-10-12T05:00:00Z")).status_code
    query = text("SELECT street FROM service_address_versions WHERE address_id = :id ORDER BY effective_from")
    with server.registry.database.read() as session:
        assert ["1 Main St", "2 Main St"] == list(session.scalars(query, {"id": address}))


def test_time_never_runs_backwards(dated: httpx.Client) -> None:
    """Neither before the last change nor before the address that a trunk stands on."""
    address = dated.post(ADDRESSES, json=PLACE, headers=_since("2026-02-01T00:00:00Z")).json()["id"]
    package = {"packageType": "METERED", "addressId": address}
    too_early = dated.post(TRUNKS, json=_trunk(billingPackage=package), headers=_since("2026-01-31T23:59:59Z"))
    assert "too early" in _refusal(too_early)
    same = dated.post(TRUNKS, json=_trunk(billingPackage=package), headers=_since("2026-02-01T00:00:00Z"))
    assert 202 == same.status_code
    change = {"type": "REGISTERED", "name": "T"}
    path = f"{TRUNKS}/{same.json()['id']}"
    assert "X-Effective-From" in _refusal(dated.put(path, json=change, headers=_since("2026-02-01T00:00:00Z")))
    assert "too early" in _refusal(dated.delete(path, headers=_since("2026-01-01T00:00:00Z")))
    assert 202 == dated.put(path, json=change).status_code


@pytest.mark.parametrize("since", ["soon", "", "1999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "2026-13-01", "1e9"])
def test_a_time_that_is_none_is_refused(dated: httpx.Client, since: str) -> None:
    """From 2000 to a year ahead."""
    assert "X-Effective-From" in _refusal(dated.post(TRUNKS, json=_trunk(), headers=_since(since)))


def test_customers_change_things_now(customer: httpx.Client) -> None:
    """Their keys lack the scope, and the request is not done half."""
    answer = customer.post(TRUNKS, json=_trunk(), headers=_since(NEW_YEAR))
    assert "registry:dated" in _refusal(answer, 403)
    assert [] == customer.get(TRUNKS).json()["results"]
