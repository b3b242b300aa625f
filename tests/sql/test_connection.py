"""Connecting to a ledger: its snapshot, its book, and files for other tools."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import duckdb
import pytest

from pipeline.ledger.table import UsageLedger
from pipeline.sql import connect
from pipeline.sql.book_tables import BOOK_TABLES
from pipeline.sql.connection import connect_to
from pipeline.sql.export import export_views
from rating.book import RateBook
from schemas.reference import Account, Plan, RateDeck, Trunk
from tests.ledger.rows import a_row, a_table

LIMITS = [("2026-01-01T00:00:00Z", 10), ("2026-10-16T05:00:00Z", 20)]


def a_book(**trunk_fields) -> RateBook:
    """One account, plan and trunk whose limit changes once."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    trunk = Trunk.model_validate(
        {
            "trunk_id": "t1", "account_id": "acme", "name": "Front desk", "type": "STATIC", "plan_id": "metered",
            "location": "NEW_YORK", "country": "DE", "effective_from": start,
            "channel_limits": tuple(
                {"effective_from": datetime.fromisoformat(at), "channel_limit": limit} for at, limit in LIMITS
            ),
            **trunk_fields,
        },
        strict=False,
    )  # fmt: skip
    plan = Plan.model_validate(
        {
            "plan_id": "metered",
            "package": "METERED",
            "effective_from": start,
            "outbound_deck": "us",
            "channel_fee": "12.50",
        },
        strict=False,
    )
    account = Account(account_id="acme", name="Acme", time_zone="America/Chicago")
    return RateBook.build(accounts=[account], plans=[plan], trunks=[trunk], decks=[RateDeck(deck_id="us", rates=())])


@pytest.fixture
def ledger(tmp_path) -> UsageLedger:
    return UsageLedger.open(str(tmp_path / "ledger"))


def no_progress(done: int, total: int) -> None:
    """Nobody watches."""


def test_tables_of_a_given_book(ledger):
    """The book that is passed fills the tables; a limit holds until the next one begins."""
    connection = connect(ledger.url, book=a_book())
    assert [("t1", "acme", "America/Chicago")] == connection.execute(
        "SELECT trunk_id, account_id, time_zone FROM trunks"
    ).fetchall()
    assert [(10, "2026-10-16 05:00:00+00"), (20, None)] == connection.execute(
        "SELECT channel_limit, effective_until::VARCHAR FROM trunk_limits ORDER BY effective_from"
    ).fetchall()
    assert [("12.500000000",)] == connection.execute("SELECT channel_fee::VARCHAR FROM plans").fetchall()


def test_a_limit_ends_with_its_trunk(ledger):
    """The last limit of a trunk that ends has the trunk's end."""
    connection = connect(ledger.url, book=a_book(effective_until=datetime(2026, 11, 1, tzinfo=UTC)))
    assert [("2026-11-01 00:00:00+00",)] == connection.execute(
        "SELECT max(effective_until)::VARCHAR FROM trunk_limits"
    ).fetchall()


def test_by_default_the_book_is_the_last_one_used(ledger):
    """The newest row names it, and it is kept beside the ledger."""
    book = a_book()
    ledger.books().keep(book.hash, book.snapshot)
    newer = datetime(2026, 11, 1, tzinfo=UTC)
    ledger.append(a_table(a_row(1, book_hash="older"), a_row(2, book_hash=book.hash, rated_at=newer)), {})
    connection = connect_to(ledger)
    assert [(book.hash, 1)] == connection.execute(
        "SELECT book_hash, (SELECT count(*) FROM trunks) FROM snapshot"
    ).fetchall()


def test_a_missing_book_leaves_the_tables_empty(ledger):
    """`ledger verify` tells that it is missing; questions about calls are answered all the same."""
    ledger.append(a_table(a_row(1)), {})
    connection = connect_to(ledger)
    assert [(1, None)] == connection.execute("SELECT (SELECT count(*) FROM usage), book_hash FROM snapshot").fetchall()
    for name in BOOK_TABLES:
        assert [] == connection.execute(f"FROM {name}").fetchall()


def test_times_are_utc(ledger):
    """Whatever the zone of the machine."""
    ledger.append(a_table(a_row(1)), {})
    assert [("2026-10-01 12:00:00+00",)] == connect(ledger.url).execute(
        "SELECT rated_at::VARCHAR FROM ledger"
    ).fetchall()


def test_a_file_of_views(ledger, tmp_path):
    """Any DuckDB client opens it; it names the snapshot that it shows and holds no rows."""
    ledger.append(a_table(a_row(1), a_row(2, state="REJECTED", reject_reason="NO_RATE")), {})
    done = export_views(ledger, tmp_path / "ledger.duckdb", progress=no_progress)
    assert (False, 1) == (done.copied, done.snapshot.version)
    with duckdb.connect(str(tmp_path / "ledger.duckdb"), read_only=True) as client:
        assert [("sbc1", "2026-10", 2, 1, 1, 0, 0, 0, 0)] == client.execute("FROM balance").fetchall()
        assert [(1,)] == client.execute("SELECT version FROM snapshot").fetchall()
        assert (
            "VIEW"
            in client.execute(
                "SELECT table_type FROM information_schema.tables WHERE table_name = 'ledger_rows'"
            ).fetchone()
        )


def test_older_clients_open_the_file(ledger, tmp_path):
    """The file is written in the oldest format that DuckDB has kept since 1.0, not in that of our own version."""
    export_views(ledger, tmp_path / "ledger.duckdb", progress=no_progress)
    with duckdb.connect(str(tmp_path / "ledger.duckdb"), read_only=True) as client:
        tags = client.execute("SELECT tags FROM duckdb_databases() WHERE database_name = 'ledger'").fetchall()
    assert [({"storage_version": "v1.0.0+"},)] == tags


def test_a_file_shows_its_snapshot_for_ever(ledger, tmp_path):
    """What is committed later is not in it; writing it again replaces it."""
    target = tmp_path / "ledger.duckdb"
    for offset in (1, 2):
        ledger.append(a_table(a_row(offset)), {})
        export_views(ledger, target, progress=no_progress)
        with duckdb.connect(str(target), read_only=True) as client:
            assert [(offset,)] == client.execute("SELECT count(*) FROM usage").fetchall()


def test_a_masked_file_holds_masked_rows(ledger, tmp_path):
    """The rows themselves are copied, so that the file gives nothing away."""
    ledger.append(a_table(a_row(1, called="+12125550100", display_name="Ann")), {})
    seen = []
    done = export_views(ledger, tmp_path / "m.duckdb", mask=True, progress=lambda *rows: seen.append(rows))
    assert (True, [(1, 1)]) == (done.copied, seen)
    assert b"5550100" not in (tmp_path / "m.duckdb").read_bytes()
    with duckdb.connect(str(tmp_path / "m.duckdb"), read_only=True) as client:
        assert [("+1212***", "***")] == client.execute("SELECT called, display_name FROM cdr").fetchall()


@pytest.mark.parametrize("mask", [False, True])
def test_a_file_of_an_empty_ledger(ledger, tmp_path, mask):
    """All views are there and empty."""
    export_views(ledger, tmp_path / "e.duckdb", mask=mask, progress=no_progress)
    with duckdb.connect(str(tmp_path / "e.duckdb"), read_only=True) as client:
        assert [(0,)] == client.execute("SELECT count(*) FROM usage").fetchall()


def test_a_failed_export_leaves_the_old_file(ledger, tmp_path):
    """Neither a half-written file nor its beginnings stay."""
    target = tmp_path / "ledger.duckdb"
    ledger.append(a_table(a_row(1)), {})
    export_views(ledger, target, progress=no_progress)
    before = target.read_bytes()
    Path(ledger.files()[0]).unlink()
    with pytest.raises(Exception, match=r"No files found|cannot be read"):
        export_views(ledger, target, progress=no_progress)
    assert (before, [target]) == (target.read_bytes(), list(tmp_path.glob("*.duckdb*")))


@pytest.mark.s3
def test_a_file_of_a_ledger_in_an_object_store(s3, tmp_path):
    """The rows are in the file: a client needs neither the store nor an extension."""
    ledger = UsageLedger.open(f"{s3.url}/{uuid4()}", s3.options)
    ledger.append(a_table(a_row(1), a_row(2)), {})
    done = export_views(ledger, tmp_path / "s3.duckdb", progress=no_progress)
    with duckdb.connect(str(tmp_path / "s3.duckdb"), read_only=True) as client:
        assert (True, [(2,)]) == (done.copied, client.execute("SELECT count(*) FROM usage").fetchall())
