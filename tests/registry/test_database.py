"""The tables as the migrations make them, what triggers refuse, and the transactions on them."""

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from pipeline.registry.database import ATTEMPTS, Database
from pipeline.registry.store.addresses import create_address
from pipeline.registry.store.desk import Registry
from pipeline.registry.store.trunks import create_trunk
from pipeline.registry.tables import AccountRow, Row
from tests.registry.builders import ACME, NOON, a_trunk, an_address, metered


def test_migrations_make_the_tables_of_the_models(database: Database) -> None:
    """The steps lead to exactly the tables, columns, keys and indexes that the code works with."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert [] == compare_metadata(context, Row.metadata)


def test_migrating_twice_changes_nothing(database: Database) -> None:
    """A server that starts on a current database leaves it alone."""
    database.migrate()
    with database.read() as session:
        assert 0 == session.scalar(text("SELECT count(*) FROM trunks"))


def test_embedded_database_writes_ahead(tmp_path: Path) -> None:
    """SQLite runs in WAL mode, so readers never wait for the writer, and checks foreign keys."""
    database = Database(f"sqlite:///{tmp_path / 'sub' / 'registry.db'}")
    database.migrate()
    with database.read() as session:
        assert "wal" == session.scalar(text("PRAGMA journal_mode"))
        assert 1 == session.scalar(text("PRAGMA foreign_keys"))
    database.close()


@pytest.fixture
def living(registry: Registry) -> str:
    """A trunk with an address in the United States."""
    address = create_address(registry, ACME, an_address())
    return create_trunk(registry, ACME, a_trunk(billingPackage=metered(address.id))).id


BROKEN = {
    "another plan": "UPDATE trunks SET plan_id = 'other'",
    "another location": "UPDATE trunks SET location = 'SWEDEN'",
    "another address": "UPDATE trunks SET address_id = NULL, address_in_use = NULL",
    "another account": "UPDATE trunks SET account_id = 'blue'",
    "no channel": "UPDATE trunks SET channel_limit = 0",
    "1001 channels": "UPDATE trunks SET channel_limit = 1001",
    "an empty name": "UPDATE trunks SET name = ''",
    "a state that nobody knows": "UPDATE trunks SET admin_status = 'ASLEEP'",
    "an address released while in use": "UPDATE trunks SET address_in_use = NULL",
    "an address deleted while in use": "DELETE FROM service_addresses",
    "an address of another account": "UPDATE service_addresses SET account_id = 'blue'",
    "history rewritten": "UPDATE trunk_versions SET channel_limit = 5",
    "history deleted": "DELETE FROM service_address_versions",
    "an audit entry rewritten": "UPDATE audit_log SET actor = 'nobody'",
    "a host of two customers": "UPDATE trunk_identities SET account_id = 'blue'",
    "a host without an owner": "DELETE FROM identity_owners",
}


@pytest.mark.parametrize("statement", BROKEN.values(), ids=BROKEN)
def test_database_refuses_what_breaks_a_rule(registry: Registry, living: str, statement: str) -> None:
    """Whoever writes, also past the API: constraints and triggers say no."""
    with pytest.raises(DBAPIError), registry.database.engine.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("unlimited_in_usa", {"package": "UNLIMITED", "package_country": "USA", "country": "DE"}),
        ("webex_in_usa", {"provider_type": "CISCO_WEBEX", "country": "DE"}),
        ("address_in_us", {"country": "US"}),
        ("operator_connect_address", {"type": "OPERATOR_CONNECT"}),
        ("type", {"type": "AUTHENTICATED"}),
    ],
)
def test_database_refuses_a_new_trunk_that_breaks_a_rule(registry: Registry, rule: str, values: dict[str, str]) -> None:
    """The rules of PRODUCT for new trunks hold in the database itself."""
    create_trunk(registry, ACME, a_trunk())
    with registry.database.engine.connect() as connection:
        row = dict(connection.execute(text("SELECT * FROM trunks")).mappings().one())
        _insert(connection, row | {"trunk_id": "good"})
        with pytest.raises(IntegrityError, match=rule):
            _insert(connection, row | {"trunk_id": "bad"} | values)


def _insert(connection: Connection, row: dict[str, object]) -> None:
    names = list(Row.metadata.tables["trunks"].columns.keys())
    table = Row.metadata.tables["trunks"]
    values = {name: row[name] for name in names}
    for name in ("technical", "source_hosts", "numbers"):
        values[name] = {} if name == "technical" else []
    for name in ("created_at", "changed_at", "action_until"):
        values[name] = NOON
    values["provider"] = None
    connection.execute(table.insert().values(values))


def test_a_failed_transaction_leaves_nothing(registry: Registry) -> None:
    """What was written before the error is gone with it."""

    def work(session: Session) -> None:
        session.add(AccountRow(account_id="new", metered_plan="m", unlimited_plan="u", created_at=NOON))
        session.flush()
        raise RuntimeError("the process has a bug here")

    with pytest.raises(RuntimeError):
        registry.database.write(work)
    with registry.database.read() as session:
        assert session.get(AccountRow, "new") is None


def test_a_lost_race_is_run_again_and_then_reported(registry: Registry) -> None:
    """A constraint that stopped a transaction means that another was faster: the rules are checked anew."""
    runs = []

    def work(session: Session) -> None:
        runs.append(1)
        session.add(AccountRow(account_id="acme", metered_plan="m", unlimited_plan="u", created_at=NOON))

    with pytest.raises(IntegrityError):
        registry.database.write(work)
    assert ATTEMPTS == len(runs)


def test_writers_take_turns(registry: Registry) -> None:
    """Twenty threads add one each to the same number, and none is lost."""

    def add(session: Session) -> None:
        account = session.get_one(AccountRow, "acme", with_for_update=True)
        account.metered_plan = str(int(account.metered_plan) + 1)

    def zero(session: Session) -> None:
        session.get_one(AccountRow, "acme").metered_plan = "0"

    registry.database.write(zero)
    threads = [threading.Thread(target=registry.database.write, args=(add,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with registry.database.read() as session:
        assert "20" == session.get_one(AccountRow, "acme").metered_plan


def test_a_time_without_zone_is_refused(registry: Registry) -> None:
    """It would mean another instant on another machine."""
    naive = NOON.replace(tzinfo=None)

    def work(session: Session) -> None:
        session.add(AccountRow(account_id="new", metered_plan="m", unlimited_plan="u", created_at=naive))

    with pytest.raises(Exception, match="has no time zone"):
        registry.database.write(work)
