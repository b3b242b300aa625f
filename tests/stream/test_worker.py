"""One run of a worker in this process: what it waits for, what ends it, and how it says so."""

import asyncio
import gc
import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from kafka.errors import KafkaConnectionError

from pipeline.book import BookFileError
from pipeline.book.watched import WatchedBook
from pipeline.ledger.errors import ConcurrentWriter, LedgerUnavailable
from pipeline.ledger.table import UsageLedger
from pipeline.settings import Settings
from pipeline.stream import worker as module
from pipeline.stream.errors import NothingToRead, WorkerFailed
from pipeline.stream.worker import Worker, run_worker
from tests.stream.feed import worker_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return worker_settings(tmp_path, "127.0.0.1:1")


def a_worker(settings: Settings) -> Worker:
    return Worker(settings, UsageLedger.open(settings.ledger_url), WatchedBook(settings.book_path), None)


def unreachable(_: Settings) -> list[str]:
    raise KafkaConnectionError("nobody listens")


def terminate_after(seconds: float) -> None:
    threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()


def test_waiting_for_a_broker_ends_with_sigterm(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that never saw its broker can be ended at once, without an error."""
    monkeypatch.setattr(module, "create_topics", unreachable)
    terminate_after(0.3)
    began = time.monotonic()
    asyncio.run(a_worker(settings).run())
    assert time.monotonic() - began < 3


def test_attempts_come_further_and_further_apart(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """1, 2, 4 seconds and so on, at most 30; each line names the address and the next step."""
    waited: list[float] = []

    async def no_sleep(self: Worker, seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 8:
            self._end.set()

    monkeypatch.setattr(module, "create_topics", unreachable)
    monkeypatch.setattr(Worker, "_sleep", no_sleep)
    asyncio.run(a_worker(settings).run())
    assert [1, 2, 4, 8, 15, 30, 30, 30] == waited
    out, err = capfd.readouterr()
    assert 8 == (out + err).count("kafka_unreachable")
    assert 8 == (out + err).count("start the broker or correct kafka.bootstrap_servers")


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_broker_that_goes_away_at_the_start_ends_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answered when topics were made and is gone when the client connects: an error with the address, no stack."""
    monkeypatch.setattr(module, "create_topics", lambda _: [])
    with pytest.raises(WorkerFailed, match=r"lost Kafka at 127\.0\.0\.1:1"):
        asyncio.run(a_worker(settings).run())
    gc.collect()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(ConcurrentWriter("var/ledger", ["cdr.leg-0"]), ConcurrentWriter, id="another writer"),
        pytest.param(LedgerUnavailable("var/ledger", "written", OSError("full")), LedgerUnavailable, id="full disk"),
        pytest.param(RuntimeError("fetcher died"), WorkerFailed, id="Faust gave up"),
    ],
)
def test_a_failure_keeps_its_words(settings: Settings, error: Exception, expected: type[Exception]) -> None:
    """What the ledger says is said as it is; anything else is named as a lost Kafka, with the address."""
    described = a_worker(settings)._described(error)
    assert isinstance(described, expected)
    assert "127.0.0.1:1" in str(described) or described is error


def test_the_first_failure_counts(settings: Settings) -> None:
    """What breaks afterwards only follows from it."""
    worker = a_worker(settings)
    first = OSError("full")
    worker._fail(first)
    worker._fail(OSError("later"))
    assert first is worker._failure
    assert worker._end.is_set()


def test_health_before_the_first_assignment(settings: Settings) -> None:
    """Not ready, no partitions, but the book is there."""
    worker = a_worker(settings)
    is_ready, facts = worker._health()
    assert (False, [], {}) == (is_ready, facts["partitions"], facts["lag"])
    assert json.loads(json.dumps(facts["book"]))["hash"] == worker._book.current().hash


def test_without_a_source_there_is_nothing_to_mediate(settings: Settings) -> None:
    """The message names the setting; rating alone needs no source."""
    nothing: Any = settings.model_copy(update={"sources": ()})
    with pytest.raises(NothingToRead, match="sources:"):
        run_worker(nothing)


def test_a_book_that_does_not_load_ends_it_before_it_begins(settings: Settings, tmp_path: Path) -> None:
    """Nothing is read from Kafka with reference data that is broken."""
    with pytest.raises(BookFileError):
        run_worker(settings.model_copy(update={"book_path": tmp_path / "nothing"}))
