"""The database behind the registry: SQLite in WAL mode beside one server, PostgreSQL when servers share it."""

import fcntl
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

MIGRATIONS = Path(__file__).parent / "migrations"
ATTEMPTS: Final = 5
BUSY_MS: Final = 30_000
CONNECTIONS: Final = 20

Result = TypeVar("Result")


class Database:
    """Transactions on one registry database, for any number of threads."""

    def __init__(self, url: str) -> None:
        self._url = _with_driver(make_url(url))
        self.engine = _engine(self._url)
        # In SQLite every transaction sees one moment; PostgreSQL wants to be told.
        self._snapshots = (
            self.engine if self.is_embedded else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )
        self._threads = threading.Lock()

    @property
    def is_embedded(self) -> bool:
        """Whether this is SQLite: one file, one machine."""
        return self._url.get_backend_name() == "sqlite"

    @property
    def file(self) -> Path | None:
        """The file of an embedded database."""
        return Path(self._url.database) if self.is_embedded and self._url.database else None

    def migrate(self) -> None:
        """Create the tables, or bring them to this version's shape. Servers that start together take turns."""
        if self.file:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        with self._begin() as connection:
            if not self.is_embedded:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7216514, 1)")
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads, and sees one moment however many queries it makes."""
        with Session(self._snapshots) as session:
            yield session

    def write(self, work: Callable[[Session], Result]) -> Result:
        """Run `work` in one transaction and commit it.

        It runs again if the database chose it as a deadlock's victim, or if a constraint stopped it: then another
        transaction was faster, and the rules that `work` checks by itself will say so.
        """
        for _ in range(ATTEMPTS - 1):
            try:
                return self._write_once(work)
            except IntegrityError:
                continue
            except OperationalError as error:
                if not _is_transient(error):
                    raise
        return self._write_once(work)

    def _write_once(self, work: Callable[[Session], Result]) -> Result:
        with self._begin() as connection, Session(connection, join_transaction_mode="rollback_only") as session:
            result = work(session)
            session.flush()
            return result

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        turn = _turn_on(self._threads, self.file.with_suffix(".writer")) if self.file else nullcontext()
        with turn, self.engine.connect() as bare:
            connection = bare.execution_options(writes=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


@contextmanager
def _turn_on(threads: threading.Lock, path: Path) -> Iterator[None]:
    """A writer's turn among the threads and processes of one SQLite file.

    SQLite has one writer at a time, and lets those that wait sleep for longer and longer; waiting here is fair.
    """
    with threads, path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _with_driver(url: URL) -> URL:
    if url.drivername in {"postgres", "postgresql"}:
        return url.set(drivername="postgresql+psycopg")
    return url


def _engine(url: URL) -> Engine:
    engine = create_engine(url, pool_size=CONNECTIONS, max_overflow=CONNECTIONS, pool_timeout=60)
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _open_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - DBAPI connection, or its adapter
    connection.isolation_level = None  # the driver begins nothing by itself, see `_begin_sqlite`
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", f"busy_timeout = {BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _is_transient(error: OperationalError) -> bool:
    """Deadlock or serialization failure of PostgreSQL, or a busy SQLite: nothing was written, so try again."""
    if isinstance(error.orig, sqlite3.OperationalError):
        return "locked" in str(error.orig)
    return getattr(error.orig, "sqlstate", None) in {"40P01", "40001"}
