"""The book follows the registry: what is merged, what is left out, and how soon a change counts."""

import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.book import load_book
from pipeline.registry.book_source import FollowedBook, current_book, followed_book
from pipeline.registry.database import Database
from pipeline.registry.feeds import DatabaseFeed, Feed
from pipeline.registry.merge import Content, HistoricTrunk, merge
from pipeline.registry.settings import RegistrySettings
from pipeline.registry.store.addresses import create_address, update_address
from pipeline.registry.store.desk import Caller, Registry
from pipeline.registry.store.keys import open_account
from pipeline.registry.store.trunk_status import set_trunk_status
from pipeline.registry.store.trunks import create_trunk, delete_trunk, update_trunk
from pipeline.settings import Settings
from pipeline.shipped import DATA
from rating.rated import Refusal
from schemas.cdr import CDR
from schemas.reference import ReferenceData
from tests.registry.builders import MUCH_ROOM, Clock, a_registered_trunk, a_trunk, an_address, an_update, metered

BOOK = DATA / "book"
ACME = Caller("acme-dental", "test")
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder() -> ReferenceData:
    """The data of the shipped book."""
    return ReferenceData.model_validate_json(load_book(BOOK).snapshot)


@pytest.fixture
def known(database: Database) -> Registry:
    """A registry with an account of the shipped book."""
    registry = Registry(database, RegistrySettings(account_limits=MUCH_ROOM), Clock(START))
    open_account(registry, "acme-dental", "metered-us", "unlimited-us")
    return registry


@pytest.fixture
def book(known: Registry) -> FollowedBook:
    """The shipped book with that registry on top."""
    return FollowedBook(BOOK, DatabaseFeed(known.database))


def _cdr(at: datetime, **fields: Any) -> CDR:
    return CDR("s", "f", "p", 0, at, b"", "id", "group", answered_at=at, **fields)


def _found(book: FollowedBook, cdr: CDR) -> Any:
    """Trunk and channel limit of a call, or the reason why there is none."""
    attached = book.current().attach(cdr, cdr.answered_at or START)
    return attached.reason.value if isinstance(attached, Refusal) else attached.binding.trunk.trunk_id


def test_a_new_trunk_is_in_the_book_at_the_next_look(known: Registry, book: FollowedBook) -> None:
    """With account, plan and address; a look without a change changes nothing."""
    assert not book.refresh()
    address = create_address(known, ACME, an_address())
    trunk = create_trunk(known, ACME, a_trunk(billingPackage=metered(address.id)))
    at = known.clock()
    assert "UNKNOWN_TRUNK" == _found(book, _cdr(at, claimed_trunk_id=trunk.id))
    assert book.refresh()
    assert trunk.id == _found(book, _cdr(at, claimed_trunk_id=trunk.id))
    assert trunk.id == _found(book, _cdr(at, source_ip="8.8.4.4"))
    assert "acme-front-desk" in book.current().trunks
    assert not book.refresh()


def test_a_call_sees_the_trunk_as_of_its_answer(known: Registry, book: FollowedBook) -> None:
    """Disabled, deleted, with an earlier address: what counts is the time of the call, not of its record."""
    address = create_address(known, ACME, an_address())
    before = known.clock()
    trunk = create_trunk(known, ACME, a_trunk(billingPackage=metered(address.id)))
    alive = known.clock()
    set_trunk_status(known, ACME, trunk.id, "DISABLED")
    off = known.clock()
    set_trunk_status(known, ACME, trunk.id, "ENABLED")
    update_trunk(known, ACME, trunk.id, an_update(channelLimit=30))
    update_address(known, ACME, address.id, an_address(street="2 Congress Ave"))
    later = known.clock()
    delete_trunk(known, ACME, trunk.id)
    gone = known.clock()
    book.refresh()
    seen = {name: _found(book, _cdr(at, claimed_trunk_id=trunk.id)) for name, at in
            {"before": before, "alive": alive, "off": off, "later": later, "gone": gone}.items()}  # fmt: skip
    assert {"before": "TRUNK_ENDED", "alive": trunk.id, "off": "TRUNK_DISABLED", "later": trunk.id,
            "gone": "TRUNK_ENDED"} == seen  # fmt: skip
    assert [10, 30] == [limit.channel_limit for limit in book.current().trunks[trunk.id].channel_limits]
    versions = [book.current().address_at(address.id, at) for at in (alive, later)]
    assert [1, 2] == [version.version for version in versions if version]


def test_a_former_host_still_finds_its_trunk_unless_another_has_it(known: Registry, book: FollowedBook) -> None:
    """A late record of before the change is billed; a host that moved finds the present holder."""
    first = create_trunk(known, ACME, a_trunk())
    at = known.clock()
    update_trunk(known, ACME, first.id, an_update(sourceHosts=["9.9.9.9"]))
    book.refresh()
    assert first.id == _found(book, _cdr(at, source_ip="8.8.4.4"))
    second = create_trunk(known, ACME, a_trunk())
    book.refresh()
    assert second.id == _found(book, _cdr(known.clock(), source_ip="8.8.4.4"))


def test_what_does_not_fit_the_book_is_left_out_alone(known: Registry, book: FollowedBook) -> None:
    """An account that the folder does not have keeps nobody else's trunk from being rated."""
    stranger = Caller("nobody", "test")
    open_account(known, "nobody", "metered-us", "unlimited-us")
    address = create_address(known, stranger, an_address())
    lost = create_trunk(known, stranger, a_trunk(sourceHosts=["9.9.9.9"], billingPackage=metered(address.id)))
    trunk = create_trunk(known, ACME, a_trunk())
    assert book.refresh()
    assert trunk.id in book.current().trunks
    assert lost.id not in book.current().trunks
    assert address.id not in book.current().addresses


def test_merging_names_what_it_leaves_out(folder: ReferenceData) -> None:
    """Account, plan and identifiers of a folder's trunk: each problem names row and field."""
    like = next(trunk for trunk in folder.trunks if trunk.trunk_id == "acme-front-desk")
    alone = like.model_copy(update={"dids": (), "source_hosts": ("8.8.8.8",)})
    trunks = [
        alone.model_copy(update={"trunk_id": "no-plan", "plan_id": "gone"}),
        alone.model_copy(update={"trunk_id": "claims", "dids": like.dids}),
        alone.model_copy(update={"trunk_id": "good"}),
    ]
    merged = merge(folder, Content([HistoricTrunk(trunk) for trunk in trunks]))
    assert {("no-plan", "plan_id"), ("claims", "dids")} == {(row.name, row.field) for row in merged.problems}
    assert {"good", "acme-front-desk"} <= {trunk.trunk_id for trunk in merged.data.trunks}


def test_a_documentation_address_finds_no_trunk(folder: ReferenceData) -> None:
    """A setting admits it to the registry; the trunk is in the book and is found by its id."""
    trunk = next(trunk for trunk in folder.trunks if trunk.trunk_id == "acme-front-desk")
    hosts = ("192.0.2.7", "198.18.10.9", "pbx.acme.io")
    merged = merge(folder, Content([HistoricTrunk(trunk.model_copy(update={"source_hosts": hosts}))]))
    (found,) = [row for row in merged.data.trunks if row.trunk_id == "acme-front-desk"]
    assert ("198.18.10.9", "pbx.acme.io") == found.source_hosts
    assert not merged.problems


def test_the_registry_wins_over_the_folder(folder: ReferenceData) -> None:
    """It is the source of truth for the ids that it has."""
    renamed = folder.trunks[0].model_copy(update={"name": "From the registry"})
    moved = folder.addresses[0].model_copy(update={"street": "Elsewhere 1"})
    merged = merge(folder, Content([HistoricTrunk(renamed)], [moved]))
    assert ["From the registry"] == [trunk.name for trunk in merged.data.trunks if trunk.trunk_id == renamed.trunk_id]
    assert ["Elsewhere 1"] == [
        address.street for address in merged.data.addresses if address.address_id == moved.address_id
    ]
    assert len(folder.trunks) == len(merged.data.trunks)


def test_an_unreachable_registry_leaves_the_last_book_in_force(known: Registry) -> None:
    """With an alarm; the worker goes on."""

    class Broken:
        calls = 0

        def news(self) -> Content | None:
            self.calls += 1
            if self.calls > 1:
                raise OSError("the network is down")
            return Content()

        def close(self) -> None:
            """."""

    feed: Feed = Broken()
    book = FollowedBook(BOOK, feed)
    before = book.current().hash
    assert not book.refresh()
    assert before == book.current().hash


def test_without_a_registry_the_book_is_the_folder(tmp_path: Path) -> None:
    """And batch work with a registry sees the same merged book as the workers."""
    plain = followed_book(Settings(book_path=BOOK))
    assert load_book(BOOK).hash == plain.current().hash
    url = f"sqlite:///{tmp_path / 'registry.db'}"
    assert plain.current().hash == current_book(Settings(book_path=BOOK, registry_url=url)).hash


def test_many_changes_at_once_end_in_the_right_book(known: Registry, book: FollowedBook) -> None:
    """Four writers create while the book is refreshed again and again; at the end every trunk is in it."""
    made: list[str] = []

    def create(number: int) -> None:
        made.extend(create_trunk(known, ACME, a_registered_trunk(name=f"{number}-{n}")).id for n in range(5))

    threads = [threading.Thread(target=create, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        book.refresh()
        time.sleep(0.01)
    book.refresh()
    assert set(made) <= set(book.current().trunks)
    assert 20 == len(made)
