"""Who may be found by a source host: one customer at a time (PRODUCT, Trunks 4)."""

import threading

import pytest

from pipeline.registry.database import Database
from pipeline.registry.problems import Refused
from pipeline.registry.store.desk import Caller, Registry
from pipeline.registry.store.trunks import create_trunk, delete_trunk, update_trunk
from tests.registry.builders import ACME, BLUE, Clock, a_registry, a_trunk, an_update


def test_trunks_of_one_customer_may_share_a_host(registry: Registry) -> None:
    """The SBC tells them apart by the trunk id that it writes."""
    assert create_trunk(registry, ACME, a_trunk()).source_hosts == create_trunk(registry, ACME, a_trunk()).source_hosts


def test_a_host_of_another_customer_is_refused(registry: Registry) -> None:
    """The path names the host, the message does not name the customer."""
    create_trunk(registry, ACME, a_trunk())
    with pytest.raises(Refused) as refused:
        create_trunk(registry, BLUE, a_trunk(sourceHosts=["9.9.9.9", "8.8.4.4"]))
    assert {"sourceHosts[1]": ["'8.8.4.4' belongs to another customer's trunk."]} == refused.value.violations


def test_a_refused_trunk_holds_nothing(registry: Registry) -> None:
    """The other host of the refused request is free."""
    create_trunk(registry, ACME, a_trunk())
    with pytest.raises(Refused):
        create_trunk(registry, BLUE, a_trunk(sourceHosts=["9.9.9.9", "8.8.4.4"]))
    assert create_trunk(registry, ACME, a_trunk(sourceHosts=["9.9.9.9"])).id


def test_a_deleted_trunks_host_is_free_for_a_new_trunk(registry: Registry) -> None:
    """The new life begins after the old one ended, so late records go to the right customer."""
    trunk = create_trunk(registry, ACME, a_trunk())
    delete_trunk(registry, ACME, trunk.id)
    assert create_trunk(registry, BLUE, a_trunk()).id


def test_a_living_trunk_waits_for_a_host_that_was_anothers(database: Database) -> None:
    """Records of the former customer may still come, and the trunk was already there in that time."""
    clock = Clock()
    registry = a_registry(database, clock)
    old = create_trunk(registry, ACME, a_trunk())
    living = create_trunk(registry, BLUE, a_trunk(sourceHosts=["9.9.9.9"]))
    delete_trunk(registry, ACME, old.id)
    wanted = an_update(sourceHosts=["9.9.9.9", "8.8.4.4"])
    with pytest.raises(Refused, match="can have it from 2026-06-01 on"):
        update_trunk(registry, BLUE, living.id, wanted)
    clock.now = clock.now.replace(month=6, day=2)
    assert ["9.9.9.9", "8.8.4.4"] == update_trunk(registry, BLUE, living.id, wanted).source_hosts


def test_a_host_moves_between_trunks_of_one_customer(registry: Registry) -> None:
    """Nobody else is concerned."""
    first = create_trunk(registry, ACME, a_trunk())
    second = create_trunk(registry, ACME, a_trunk(sourceHosts=["9.9.9.9"]))
    update_trunk(registry, ACME, first.id, an_update(sourceHosts=["1.1.1.1"]))
    assert ["8.8.4.4"] == update_trunk(registry, ACME, second.id, an_update(sourceHosts=["8.8.4.4"])).source_hosts


def test_of_two_who_want_one_host_at_once_one_gets_it(registry: Registry) -> None:
    """Requests of two customers in parallel: one trunk, one refusal, no deadlock and no error."""
    outcomes = []

    def claim(caller: Caller) -> None:
        try:
            create_trunk(registry, caller, a_trunk(sourceHosts=["8.8.8.8", "8.8.4.4", "1.1.1.1"]))
            outcomes.append(caller.account_id)
        except Refused:
            outcomes.append("refused")

    threads = [threading.Thread(target=claim, args=(caller,)) for caller in [ACME, BLUE]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 == outcomes.count("refused")
    assert 2 == len(outcomes)
