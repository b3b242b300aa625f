"""Fifty clients at once: no rule is ever broken, no change is lost, no answer is a server error."""

import os
import random
import threading
import time
from collections import Counter
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.registry.servers import Server

CLIENTS = 50
SECONDS = float(os.environ.get("TRUNKLINE_PARALLEL_SECONDS", "30"))
TRUNKS, ADDRESSES = "/calls/1/sip-trunks", "/calls/1/sip-trunks/service-addresses"
ADDRESS = {"name": "A", "street": "1 Main", "city": "Austin", "postCode": "78701", "countryCode": "USA",
           "countryRegionCode": "US-TX"}  # fmt: skip

RULES = {
    "a living trunk has its address": """
        SELECT t.trunk_id FROM trunks t LEFT JOIN service_addresses a USING (address_id)
        WHERE t.deleted_at IS NULL AND t.address_id IS NOT NULL AND a.address_id IS NULL""",
    "a host belongs to one customer": """
        SELECT i.value FROM trunk_identities i JOIN trunks t USING (trunk_id)
        GROUP BY i.kind, i.value HAVING count(DISTINCT t.account_id) > 1""",
    "identities are those of living trunks": """
        SELECT i.value FROM trunk_identities i JOIN trunks t USING (trunk_id) WHERE t.deleted_at IS NOT NULL""",
    "every version is there": """
        SELECT t.trunk_id FROM trunks t LEFT JOIN trunk_versions v USING (trunk_id)
        GROUP BY t.trunk_id, t.version HAVING count(*) <> t.version""",
    "the last version is the trunk": """
        SELECT t.trunk_id FROM trunks t JOIN trunk_versions v ON v.trunk_id = t.trunk_id AND v.version = t.version
        WHERE v.channel_limit <> t.channel_limit OR v.name <> t.name""",
    "versions follow each other in time": """
        SELECT a.trunk_id FROM trunk_versions a JOIN trunk_versions b
        ON a.trunk_id = b.trunk_id AND a.version < b.version AND a.effective_from >= b.effective_from""",
    "every change of a trunk is in the audit log": """
        SELECT t.trunk_id FROM trunks t LEFT JOIN audit_log l
        ON l.object_id = t.trunk_id AND l.action <> 'RESET_PASSWORD'
        GROUP BY t.trunk_id, t.version HAVING count(l.audit_id) <> t.version""",
    "every change of a trunk is in the outbox": """
        SELECT t.trunk_id FROM trunks t LEFT JOIN outbox o ON o.key = t.trunk_id AND o.value IS NOT NULL
        GROUP BY t.trunk_id, t.version HAVING count(o.change_id) <> t.version""",
    "limits are 1 to 1000": "SELECT trunk_id FROM trunks WHERE channel_limit NOT BETWEEN 1 AND 1000",
    "every address has its versions": """
        SELECT a.address_id FROM service_addresses a LEFT JOIN service_address_versions v USING (address_id)
        GROUP BY a.address_id, a.version HAVING count(*) <> a.version""",
}
"""Queries that must return no row. Other tests use the same server, so its trunks may have got new passwords, too."""


class Customer(threading.Thread):
    """Creates, changes and deletes at random until told to stop; keeps what became of each request."""

    def __init__(self, number: int, http: httpx.Client, until: float, done: list[tuple[str, int]]) -> None:
        super().__init__()
        self._random = random.Random(number)  # noqa: S311 - a load, repeatable by its number
        self._number = number
        self._http = http
        self._until = until
        self._done = done

    def run(self) -> None:
        """Do something, again and again."""
        while time.monotonic() < self._until:
            name = self._random.choice(["create", "create", "update", "delete", "address", "edit", "remove", "list"])
            getattr(self, f"_{name}")()

    def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        answer = self._http.request(method, path, **request)
        self._done.append((f"{method} {path.split('/')[3]}", answer.status_code))
        return answer

    def _some(self, path: str) -> str | None:
        rows = self._ask("GET", path, params={"size": 100}).json()["results"]
        return self._random.choice(rows)["id"] if rows else None

    def _create(self) -> None:
        package = {"packageType": "METERED", "addressId": self._some(ADDRESSES)}
        host = f"8.8.{self._random.randrange(4)}.{self._random.randrange(4) + 1}"
        trunk = {"type": "STATIC", "name": f"T{self._number}", "channelLimit": 5, "billingPackage": package}
        self._ask("POST", TRUNKS, json=trunk | {"sourceHosts": [host]})

    def _update(self) -> None:
        if trunk := self._some(TRUNKS):
            change = {"type": "STATIC", "name": "N", "channelLimit": self._random.randrange(1, 1001)}
            self._ask("PUT", f"{TRUNKS}/{trunk}", json=change)

    def _delete(self) -> None:
        if trunk := self._some(TRUNKS):
            self._ask("DELETE", f"{TRUNKS}/{trunk}")

    def _address(self) -> None:
        self._ask("POST", ADDRESSES, json=ADDRESS)

    def _edit(self) -> None:
        if address := self._some(ADDRESSES):
            self._ask("PUT", f"{ADDRESSES}/{address}", json=ADDRESS | {"street": f"{self._random.randrange(99)} Main"})

    def _remove(self) -> None:
        if address := self._some(ADDRESSES):
            self._ask("DELETE", f"{ADDRESSES}/{address}")

    def _list(self) -> None:
        self._some(TRUNKS)


@pytest.mark.slow
def test_fifty_clients_break_no_rule(server: Server) -> None:
    """Three customers share addresses among their clients and fight over sixteen hosts (TRUNKLINE_PARALLEL_SECONDS)."""
    https = [server.http(f"parallel-{number}") for number in range(3)]
    done: list[tuple[str, int]] = []
    until = time.monotonic() + SECONDS
    customers = [Customer(number, https[number % 3], until, done) for number in range(CLIENTS)]
    for customer in customers:
        customer.start()
    for customer in customers:
        customer.join()
    for http in https:
        http.close()
    counted = Counter(status for _, status in done)
    assert not [status for status in counted if status not in {200, 201, 202, 400, 404}], counted
    assert {200, 202, 400} <= set(counted), counted
    with server.registry.database.read() as session:
        broken = {rule: session.execute(text(query)).all() for rule, query in RULES.items()}
        acknowledged = sum(status == 202 for _, status in done)
        written = session.scalar(text("SELECT count(*) FROM audit_log WHERE kind = 'SIP trunk' "
                                      "AND account_id LIKE 'parallel-%'"))  # fmt: skip
    assert {} == {rule: rows for rule, rows in broken.items() if rows}
    assert acknowledged == written, "each change that was acknowledged is there, and no other"
