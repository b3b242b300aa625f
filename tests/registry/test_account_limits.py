"""How many trunks an account may have, in all and in a data centre, and how many hosts a trunk."""

import threading

import pytest

from pipeline.registry.database import Database
from pipeline.registry.problems import Refused
from pipeline.registry.settings import AccountLimits
from pipeline.registry.store.accounts import get_account
from pipeline.registry.store.desk import Registry
from pipeline.registry.store.keys import open_account
from pipeline.registry.store.trunks import Imported, create_trunk, delete_trunk, update_trunk
from tests.registry.builders import ACME, BLUE, NOON, a_registered_trunk, a_registry, a_trunk, an_update
from tests.registry.servers import running


@pytest.fixture
def registry(database: Database) -> Registry:
    """A registry with the limits that are published."""
    return a_registry(database, account_limits=AccountLimits())


def _fill(registry: Registry, count: int, **fields: str) -> list[str]:
    return [create_trunk(registry, ACME, a_registered_trunk(**fields)).id for _ in range(count)]


def _broken(registry: Registry, **fields: str) -> dict[str, list[str]]:
    with pytest.raises(Refused) as refused:
        create_trunk(registry, ACME, a_registered_trunk(**fields))
    return refused.value.violations


def test_the_limits_are_the_published_ones() -> None:
    """Section 11 of the facts: 10 trunks, 10 a data centre, 2 data centres, 3 addresses each way."""
    assert (10, 10, 2, 3, 3) == tuple(AccountLimits().model_dump().values())


def test_an_account_has_ten_trunks(registry: Registry) -> None:
    """The eleventh is refused; deleting one makes room; another account has its own."""
    made = _fill(registry, 10)
    assert "10 trunks" in _broken(registry)["name"][0]
    assert 10 == get_account(registry, "acme").trunks
    create_trunk(registry, BLUE, a_registered_trunk())
    delete_trunk(registry, ACME, made[0])
    _fill(registry, 1)
    assert ["name"] == list(_broken(registry))


def test_staff_give_an_account_more(registry: Registry) -> None:
    """Also more than a data centre has by default, or fewer than ten in all."""
    _fill(registry, 10)
    open_account(registry, "acme", trunk_limit=12)
    _fill(registry, 2)
    assert "12 trunks" in _broken(registry)["name"][0]
    open_account(registry, "blue", trunk_limit=1)
    create_trunk(registry, BLUE, a_registered_trunk())
    with pytest.raises(Refused, match="1 trunk, as many"):
        create_trunk(registry, BLUE, a_registered_trunk())


def test_an_account_uses_two_data_centres(registry: Registry) -> None:
    """A third is refused with those that it uses; one that is given up makes room for another."""
    _fill(registry, 1, location="FRANKFURT")
    (there,) = _fill(registry, 1, location="SWEDEN")
    assert "FRANKFURT, SWEDEN" in _broken(registry, location="BOGOTA")["location"][0]
    _fill(registry, 1, location="SWEDEN")
    delete_trunk(registry, ACME, there)
    assert ["location"] == list(_broken(registry, location="BOGOTA"))


def test_a_data_centre_takes_so_many_trunks_of_an_account(database: Database) -> None:
    """The other one still has room."""
    registry = a_registry(database, account_limits=AccountLimits(trunks_per_location=2))
    _fill(registry, 2)
    assert "2 trunks in FRANKFURT" in _broken(registry)["location"][0]
    _fill(registry, 1, location="SWEDEN")


def test_lists_are_taken_over_beyond_the_limit(registry: Registry) -> None:
    """What the provider has sold before is there; the customer's next trunk is refused all the same."""
    for number in range(11):
        create_trunk(registry, ACME, a_registered_trunk(), Imported(f"old-{number}", NOON))
    assert 11 == get_account(registry, "acme").trunks
    assert ["name"] == list(_broken(registry))


@pytest.mark.parametrize("path", ["sourceHosts", "destinationHosts"])
def test_a_trunk_has_three_hosts_each_way(registry: Registry, path: str) -> None:
    """On create and on update."""
    hosts = [f"8.8.4.{number}" if path == "sourceHosts" else f"sbc{number}.acme.io" for number in range(1, 5)]
    trunk = create_trunk(registry, ACME, a_trunk(**{path: hosts[:3]}))
    with pytest.raises(Refused, match="4 hosts found, expected 3 at most"):
        create_trunk(registry, ACME, a_trunk(**{path: hosts}))
    with pytest.raises(Refused, match=path):
        update_trunk(registry, ACME, trunk.id, an_update(**{path: hosts}))


def test_many_at_once_do_not_exceed_the_limit(registry: Registry) -> None:
    """Twenty clients ask for one trunk each; ten get it."""
    outcomes: list[str] = []

    def ask() -> None:
        try:
            create_trunk(registry, ACME, a_registered_trunk())
            outcomes.append("made")
        except Refused:
            outcomes.append("refused")

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (10, 10) == (outcomes.count("made"), outcomes.count("refused"))
    assert 10 == get_account(registry, "acme").trunks


def test_the_answer_is_a_bad_request_in_the_published_shape(database: Database) -> None:
    """400 with `validationErrors`, which the official client parses."""
    limits = AccountLimits(trunks=1)
    body = {"type": "REGISTERED", "name": "T", "channelLimit": 1, "billingPackage": {"packageType": "METERED"}}
    with running(database, account_limits=limits) as server, server.http("acme") as http:
        assert [202, 400] == [http.post("/calls/1/sip-trunks", json=body).status_code for _ in range(2)]
        exception = http.post("/calls/1/sip-trunks", json=body).json()["requestError"]["serviceException"]
        assert ("BAD_REQUEST", ["name"]) == (exception["messageId"], list(exception["validationErrors"]))
