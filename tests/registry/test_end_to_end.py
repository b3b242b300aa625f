"""From the official client to priced lines and back, through a spool worker that follows the registry."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import infobip_api_client as infobip
import pytest
from infobip_api_client.exceptions import BadRequestException

from pipeline.ledger.table import UsageLedger
from pipeline.rate.corrections import Corrections
from pipeline.registry.book_source import FollowedBook, followed_book
from pipeline.registry.database import Database
from pipeline.registry.ledger_reader import Ledger
from pipeline.settings import KafkaSettings, Settings, Source
from pipeline.shipped import DATA
from pipeline.sources.spool import SpoolWorker
from tests.registry.servers import BACKENDS, Official, running

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning")  # the package's own models warn, facts 2.15


class System(NamedTuple):
    """A server, the official client pointed at it, and a worker on one ledger."""

    client: Official
    settings: Settings
    book: FollowedBook
    spool: SpoolWorker

    def report(self, leg: str, user_name: str, **fields: str) -> None:
        """Let the SBC report a call of a minute and a second, and the worker take it."""
        start = datetime.now(UTC)
        record = {
            "source_node": "sbc1a", "leg_id": leg, "record_type": "STOP", "direction": "OUTBOUND",
            "user_name": user_name, "started_at": _text(start), "answered_at": _text(start),
            "released_at": _text(start + timedelta(seconds=61)), "calling_raw": "+16125550100",
            "called_raw": "+16125550142", "q850": 16,
        }  # fmt: skip
        file = self.settings.spool_path / "sbc1" / f"{leg}.json"
        file.write_text(json.dumps(record | fields) + "\n")
        self.follow()
        self.spool.look(final=True)

    def follow(self) -> None:
        """Look at the registry as the worker does: what it did not know before is rated again."""
        if self.book.refresh():
            ledger = UsageLedger.open(self.settings.ledger_url)
            clock = lambda: datetime.now(UTC)  # noqa: E731
            Corrections(self.settings, ledger, self.book.current(), clock).replay_unknown_trunks()

    def rows(self) -> list[dict[str, Any]]:
        """The ledger, in the order in which it was written."""
        rows = UsageLedger.open(self.settings.ledger_url).table.to_pyarrow_dataset().to_table().to_pylist()
        return sorted(rows, key=lambda row: (row["started_at"], row["rated_at"]))


def _text(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture(params=BACKENDS)
def system(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[System]:
    """The whole system on the shipped book, for acme-dental."""
    shutil.copytree(DATA / "book", tmp_path / "book")
    (tmp_path / "spool" / "sbc1").mkdir(parents=True)
    url = request.getfixturevalue(f"{request.param}_maker")()
    settings = Settings(
        ledger_url=str(tmp_path / "ledger"), spool_path=tmp_path / "spool", book_path=tmp_path / "book",
        registry_url=url, late_days=36_500, kafka=KafkaSettings(leg_partitions=1),
        sources=(Source(name="sbc1", format="native_json"),),
    )  # fmt: skip
    database, book = Database(url), followed_book(settings)
    assert isinstance(book, FollowedBook)
    spool = SpoolWorker(settings, UsageLedger.open(settings.ledger_url), book.current, lambda: datetime.now(UTC))
    # A clock that ticks at each look, so that no answer is of a moment ago.
    with running(database, Ledger(settings.ledger_url, clock=count().__next__)) as server:
        yield System(server.client("acme-dental"), settings, book, spool)
    spool.close()
    book.close()
    database.close()


def _place(street: str) -> infobip.CallsPublicSipTrunkServiceAddressRequest:
    return infobip.CallsPublicSipTrunkServiceAddressRequest(
        name="M", street=street, city="Minneapolis", post_code="55401", country_code="USA", country_region_code="US-MN"
    )


def _trunk(client: Official, address_id: str) -> Any:
    package = infobip.CallsBillingPackage(package_type="METERED", address_id=address_id)
    request = infobip.CallsRegisteredSipTrunkRequest(name="New", channel_limit=5, billing_package=package)
    return client.calls.create_sip_trunk(request)


def test_a_trunk_of_moments_ago_is_billed_and_its_call_is_in_the_history(system: System) -> None:
    """Create with the official client, send a CDR, read its charge with the same client.

    +1 612 555 0142 is Minneapolis; the rate is the longest prefix of data/book/decks/us-outbound.csv.
    """
    calls = system.client.calls
    trunk = _trunk(system.client, calls.create_sip_trunk_service_address(_place("1 Main St")).id)
    system.report("leg-1", trunk.username)
    (call,) = calls.get_calls_history().results
    assert ("FINISHED", 61) == (call.state.value, call.duration)
    raw = json.loads(calls.get_call_history_without_preload_content(call.call_id).read())
    (row,) = system.rows()
    assert ("RATED", trunk.id) == (row["state"], row["trunk_id"])
    assert (trunk.id, 66, float(row["charge"])) == (raw["sipTrunkId"], raw["chargedDuration"], raw["charge"])
    assert 0 < row["charge"]


def test_a_call_before_its_trunk_is_known_is_priced_by_itself_afterwards(system: System) -> None:
    """UNKNOWN_TRUNK at first; no command is needed once the trunk is there."""
    address = system.client.calls.create_sip_trunk_service_address(_place("1 Main St")).id
    trunk = _trunk(system.client, address)
    book = system.book.current
    file = system.settings.spool_path / "sbc1" / "early.json"
    start = datetime.now(UTC)
    record = {
        "source_node": "sbc1a", "leg_id": "early", "record_type": "STOP", "direction": "OUTBOUND",
        "user_name": trunk.username, "started_at": _text(start), "answered_at": _text(start),
        "released_at": _text(start + timedelta(seconds=61)), "calling_raw": "+16125550100",
        "called_raw": "+16125550142", "q850": 16,
    }  # fmt: skip
    file.write_text(json.dumps(record) + "\n")
    assert trunk.id not in book().trunks, "the worker has not looked at the registry yet"
    system.spool.look(final=True)
    assert ["REJECTED"] == [row["state"] for row in system.rows()]
    assert [] == system.client.calls.get_calls_history().results
    system.follow()
    (call,) = system.client.calls.get_calls_history().results
    assert ("FINISHED", 61) == (call.state.value, call.duration)
    assert ["REJECTED", "RATED"] == [row["state"] for row in system.rows()], "nothing was updated"


def test_an_edited_address_leaves_old_lines_alone(system: System) -> None:
    """8: a line keeps the version of the address that it was made with, byte for byte; the next line has the next."""
    calls = system.client.calls
    address = calls.create_sip_trunk_service_address(_place("1 Main St")).id
    trunk = _trunk(system.client, address)
    system.report("leg-1", trunk.username)
    (before,) = system.rows()
    assert "2 Main St" == calls.update_sip_trunk_service_address(address, _place("2 Main St")).street
    system.report("leg-2", trunk.username)
    old, new = system.rows()
    assert before == old
    assert [(address, 1), (address, 2)] == [
        (row["service_address_id"], row["service_address_version"]) for row in (old, new)
    ]
    versions = [system.book.current().address_at(address, row["answered_at"]) for row in (old, new)]
    assert ["1 Main St", "2 Main St"] == [version.street for version in versions if version]


def test_both_legs_of_a_forwarded_call_are_in_the_history(system: System) -> None:
    """10: an inbound leg and the telephone that it was forwarded to share the dialog; the child names its parent."""
    calls = system.client.calls
    trunk = _trunk(system.client, calls.create_sip_trunk_service_address(_place("1 Main St")).id)
    inbound = {"direction": "INBOUND", "called_raw": "+16125550100", "calling_raw": "+442079460000"}
    system.report("in", trunk.username, call_group_id="routed", **inbound)
    child = {"call_group_id": "routed", "parent_leg_id": "in", "route_entry_type": "PHONE"}
    system.report("out", trunk.username, direction="FORWARD", **child)
    legs = {call.direction.value: call for call in calls.get_calls_history().results}
    assert {"INBOUND", "OUTBOUND"} == set(legs)
    assert legs["INBOUND"].dialog_id == legs["OUTBOUND"].dialog_id
    assert (None, legs["INBOUND"].call_id) == (legs["INBOUND"].parent_call_id, legs["OUTBOUND"].parent_call_id)


def test_a_deleted_trunk_frees_its_address_and_keeps_its_calls(system: System) -> None:
    """An address in use cannot be deleted; afterwards it can, and the history stays."""
    calls = system.client.calls
    address = calls.create_sip_trunk_service_address(_place("1 Main St")).id
    trunk = _trunk(system.client, address)
    system.report("leg-1", trunk.username)
    with pytest.raises(BadRequestException):
        calls.delete_sip_trunk_service_address(address)
    calls.delete_sip_trunk(trunk.id)
    assert address == calls.delete_sip_trunk_service_address(address).id
    system.report("leg-2", trunk.username)
    assert ["RATED", "REJECTED"] == [row["state"] for row in system.rows()]
    assert 1 == calls.get_calls_history().paging.total_results
