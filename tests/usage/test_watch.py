"""The look of a running worker: the newest snapshot of the ledger, and a failure that never stops rating."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
import structlog

from pipeline.book import load_book
from pipeline.ledger.errors import LedgerUnavailable
from pipeline.ledger.table import UsageLedger
from pipeline.shipped import DATA
from pipeline.usage.watch import UsageWatch
from schemas.ledger import USAGE_SCHEMA
from tests.sql.views_over import written
from tests.usage.rows import included

BOOK = load_book(DATA / "book")
ALLOWANCE = 4_529_032
"""Of heron-dispatch in October 2026; see test_fair_use."""


@pytest.fixture
def ledger(tmp_path: Path) -> UsageLedger:
    return UsageLedger.open(str(tmp_path))


def _watch(ledger: UsageLedger, at: str = "2026-10-20T12:00:00Z") -> UsageWatch:
    clock: Callable[[], datetime] = lambda: datetime.fromisoformat(at).astimezone(UTC)  # noqa: E731
    return UsageWatch(ledger, lambda: BOOK, clock)


def _append(ledger: UsageLedger, offset: int, seconds: int) -> None:
    row = written(included(offset, seconds))
    ledger.append(pa.Table.from_pylist([row], schema=USAGE_SCHEMA), {"cdr.leg-0": offset})


def test_it_sees_what_others_commit(ledger: UsageLedger) -> None:
    """First near, after the next commit over; nothing is said twice."""
    watch = _watch(ledger)
    assert [] == watch.look()
    _append(ledger, 1, ALLOWANCE - 100)
    assert [("heron-dispatch", "FAIR_USE_NEAR")] == [alert[:2] for alert in watch.look()]
    assert [] == watch.look()
    _append(ledger, 2, 100)
    assert [("heron-dispatch", "FAIR_USE_OVER")] == [alert[:2] for alert in watch.look()]


def test_the_month_before_runs_on_in_some_zone(ledger: UsageLedger) -> None:
    """At eleven in the morning of 1 November (UTC) October still counts, at noon it is over everywhere."""
    _append(ledger, 1, ALLOWANCE)
    assert [] == _watch(ledger, "2026-11-01T12:00:00Z").look()
    assert 1 == len(_watch(ledger, "2026-11-01T11:59:59Z").look())


def test_a_look_that_fails_stops_nothing(ledger: UsageLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is logged, and the next one comes in a minute."""

    def unavailable(_: UsageLedger) -> UsageLedger:
        raise LedgerUnavailable("folder", "read", OSError("gone"))

    monkeypatch.setattr(UsageLedger, "another_handle", unavailable)
    with structlog.testing.capture_logs() as logs:
        assert [] == _watch(ledger).look()
    assert ["usage_not_looked_at"] == [entry["event"] for entry in logs]
