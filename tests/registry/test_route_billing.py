"""A routed call through the spool: its legs are linked, and priced as PRODUCT (Rating 6 and 7) says."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.ledger.table import UsageLedger
from pipeline.pricing.explained import explain_records
from pipeline.registry.book_source import FollowedBook, followed_book
from pipeline.registry.database import Database
from pipeline.registry.history import CallFilter, call_page, dialog_page
from pipeline.registry.ledger_reader import Ledger
from pipeline.registry.settings import RegistrySettings
from pipeline.registry.store.addresses import create_address
from pipeline.registry.store.desk import Caller, Registry
from pipeline.registry.store.keys import open_account
from pipeline.registry.store.pages import Paging
from pipeline.registry.store.trunks import create_trunk
from pipeline.settings import KafkaSettings, Settings, Source
from pipeline.shipped import DATA
from pipeline.sources.spool import SpoolWorker
from pipeline.sql.connection import connect
from rating.book import RateBook
from tests.registry.builders import a_registered_trunk, an_address, unlimited

ACME = Caller("acme-dental", "test")
CALLER, DID, MOBILE = "+442079460000", "+16125550100", "+16125550142"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A spool, a ledger and a registry in one folder, on the shipped book."""
    (tmp_path / "spool" / "sbc1").mkdir(parents=True)
    return Settings(
        ledger_url=str(tmp_path / "ledger"), spool_path=tmp_path / "spool", book_path=DATA / "book",
        registry_url=f"sqlite:///{tmp_path / 'registry.db'}", late_days=36_500,
        kafka=KafkaSettings(leg_partitions=1), sources=(Source(name="sbc1", format="native_json"),),
    )  # fmt: skip


@pytest.fixture
def trunk(settings: Settings) -> Iterator[str]:
    """An UNLIMITED trunk, made in the registry."""
    database = Database(settings.registry_url or "")
    database.migrate()
    registry = Registry(database, RegistrySettings())
    open_account(registry, "acme-dental", "metered-us", "unlimited-us")
    address = create_address(registry, ACME, an_address())
    yield create_trunk(registry, ACME, a_registered_trunk(billingPackage=unlimited(address.id))).id
    database.close()


def _leg(trunk: str, number: int, answered: int | None, released: int, **fields: Any) -> str:
    """A record of the call; times are seconds after its start."""
    start = datetime.now(UTC)

    def at(seconds: int | None) -> str | None:
        if seconds is None:
            return None
        return (start + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    known = {
        "source_node": "sbc1", "leg_id": f"leg-{number}", "call_group_id": "routed",
        "record_type": "STOP" if answered is not None else "ATTEMPT", "claimed_trunk_id": trunk,
        "started_at": at(number), "answered_at": at(answered), "released_at": at(released), "calling_raw": CALLER,
        "called_raw": DID, "sip_status": 200 if answered is not None else 480,
    }  # fmt: skip
    return json.dumps({name: value for name, value in (known | fields).items() if value is not None}) + "\n"


def _rated(settings: Settings, *records: str) -> None:
    book = followed_book(settings)
    assert isinstance(book, FollowedBook)
    (settings.spool_path / "sbc1" / "cdr.json").write_text("".join(records))
    worker = SpoolWorker(settings, UsageLedger.open(settings.ledger_url), book.current, lambda: datetime.now(UTC))
    worker.look(final=True)
    worker.close()
    book.close()


def _hunted(settings: Settings, trunk: str) -> None:
    """Inbound to the DID; the desk phone does not answer, the SIP application does nothing, the mobile takes it."""
    entry = {"parent_leg_id": "leg-0", "route_id": "route-1"}
    _rated(
        settings,
        _leg(trunk, 0, 30, 91, direction="INBOUND"),
        _leg(trunk, 1, None, 20, direction="OUTBOUND", is_billed_leg=False, route_entry_index=0, route_entry_type="SIP",
             **entry),
        _leg(trunk, 2, 29, 91, direction="FORWARD", route_entry_index=1, route_entry_type="PHONE", called_raw=MOBILE,
             **entry),
    )  # fmt: skip


def test_each_leg_of_a_routed_call_costs_what_it_should(settings: Settings, trunk: str) -> None:
    """Inbound once on the DID; the SIP entry nothing; the forwarded leg at the outbound rate, also on UNLIMITED."""
    _hunted(settings, trunk)
    rows = connect(settings.ledger_url).execute(
        "SELECT leg_id, state, charge_kind, charge, called, package FROM current ORDER BY leg_id"
    ).fetchall()  # fmt: skip
    assert [("leg-0", "RATED", "METERED"), ("leg-1", "RATED", "FREE"), ("leg-2", "RATED", "METERED")] == [
        row[:3] for row in rows
    ]
    inbound, entry, forward = (row[3] for row in rows)
    assert Decimal(0) == entry
    assert inbound > 0
    assert forward > 0
    assert {"UNLIMITED"} == {row[5] for row in rows}


def test_the_legs_are_linked_in_the_history(settings: Settings, trunk: str) -> None:
    """One dialog, two children of the inbound leg; the sum of the charges is that of the ledger."""
    _hunted(settings, trunk)
    ledger = Ledger(settings.ledger_url)
    page = call_page(ledger, "acme-dental", CallFilter(), Paging())
    assert 3 == page.paging.total_results
    (inbound,) = [call for call in page.results if call.direction == "INBOUND"]
    children = [call for call in page.results if call.parent_call_id == inbound.call_id]
    assert ["PHONE", "SIP"] == sorted(call.endpoint["type"] for call in children)
    assert {inbound.dialog_id} == {call.dialog_id for call in children}
    pairs = dialog_page(ledger, "acme-dental", CallFilter(), Paging()).results
    assert ["FAILED", "FINISHED"] == sorted(pair.state for pair in pairs)
    assert {inbound.call_id} == {pair.parent_call_id for pair in pairs}


def test_explain_shows_the_hunting_sequence(settings: Settings, trunk: str) -> None:
    """`trunkline explain` of any leg lists all of them in their order, with what each costs and why."""
    _hunted(settings, trunk)
    connection = connect(settings.ledger_url)
    (cdr_id,) = connection.execute("SELECT cdr_id FROM current WHERE direction = 'INBOUND'").fetchall()[0]
    books = UsageLedger.open(settings.ledger_url).books()
    (explanation,) = explain_records(connection, lambda name: RateBook.from_snapshot(books.read(name)), cdr_id)
    assert ["INBOUND", "OUTBOUND", "FORWARD"] == [leg.direction for leg in explanation.legs]
    assert all(leg.why for leg in explanation.legs)
    assert "SIP" in (explanation.legs[1].route_entry or "")


def test_a_call_before_its_trunk_is_priced_when_the_trunk_is_known(settings: Settings, tmp_path: Path) -> None:
    """Rejected as UNKNOWN_TRUNK, then replayed with the book that has the trunk."""
    from pipeline.rate.corrections import Corrections  # noqa: PLC0415 - used here only

    database = Database(settings.registry_url or "")
    database.migrate()
    registry = Registry(database, RegistrySettings())
    open_account(registry, "acme-dental", "metered-us", "unlimited-us")
    address = create_address(registry, ACME, an_address())
    made = create_trunk(registry, ACME, a_registered_trunk(billingPackage=unlimited(address.id)))
    with_trunk = followed_book(settings)
    (settings.spool_path / "sbc1" / "cdr.json").write_text(
        _leg(made.id, 0, 5, 66, direction="FORWARD", called_raw=MOBILE)
    )
    ledger = UsageLedger.open(settings.ledger_url)
    plain = followed_book(settings.model_copy(update={"registry_url": None}))
    worker = SpoolWorker(settings, ledger, plain.current, lambda: datetime.now(UTC))
    worker.look(final=True)
    worker.close()
    count = "SELECT state, reject_reason FROM current"
    assert [("REJECTED", "UNKNOWN_TRUNK")] == connect(settings.ledger_url).execute(count).fetchall()
    Corrections(settings, ledger, with_trunk.current(), lambda: datetime.now(UTC)).replay_unknown_trunks()
    assert [("RATED", None)] == connect(settings.ledger_url).execute(count).fetchall()
    assert isinstance(with_trunk, FollowedBook)
    with_trunk.close()
    database.close()
