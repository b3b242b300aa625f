"""A worker: waits for Kafka, runs the Faust app until it is told to stop or something breaks, and ends cleanly."""

import asyncio
import os
import signal
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import structlog
from faust.types import TP
from kafka.errors import KafkaError

from pipeline.book.watched import WatchedBook
from pipeline.ledger.errors import LedgerError
from pipeline.ledger.table import UsageLedger
from pipeline.memory import collect_seldom, use_common_memory
from pipeline.rate.corrections import Corrections
from pipeline.registry.topic_feed import book_of_worker
from pipeline.settings import Settings
from pipeline.stream.app import Stage, Stream, WorkerApp
from pipeline.stream.errors import NothingToRead, StreamError, WorkerFailed
from pipeline.stream.health import health_endpoint
from pipeline.stream.messages import BadLegMessage
from pipeline.stream.positions import LedgerPositions, raw_partition_name
from pipeline.stream.rating import Rating
from pipeline.stream.topics import create_topics, leg_topic
from pipeline.usage.watch import LOOK_SECONDS, UsageWatch

log = structlog.get_logger(__name__)

BOOK_SECONDS = 2.0
"""How often the files of the book are looked at."""
_BACKOFF_SECONDS = (1, 2, 4, 8, 15, 30)
_END_SECONDS = 20


def run_worker(settings: Settings, only: Stage | None = None) -> None:
    """Mediate and rate, or `only` one of them, until SIGTERM or SIGINT.

    Raises LedgerError, BookFileError, StreamError or BadLegMessage where something is broken; then nothing that was in
    hand is acknowledged, and a worker that starts again goes on from the ledger's marks.
    """
    if not settings.sources and only != "rate":
        raise NothingToRead
    use_common_memory()
    ledger = UsageLedger.open(settings.ledger_url, settings.storage_options)
    book = book_of_worker(settings)
    collect_seldom()
    asyncio.run(Worker(settings, ledger, book, only).run())


class Worker:
    """One run of a worker in its event loop."""

    def __init__(self, settings: Settings, ledger: UsageLedger, book: WatchedBook, only: Stage | None) -> None:
        self._settings = settings
        self._book = book
        self._ledger = ledger
        self._only = only
        self._app: WorkerApp | None = None
        self._end = asyncio.Event()
        self._failure: BaseException | None = None

    async def run(self) -> None:
        """Until a signal or a failure, which is raised."""
        loop = asyncio.get_running_loop()
        # More threads than cores would only take turns, each with a batch in memory.
        loop.set_default_executor(ThreadPoolExecutor(max(2, os.cpu_count() or 2), "stage"))
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._end.set)
        with health_endpoint(self._settings.metrics_port, self._health) as port:
            if port is not None:
                log.info("health_served", port=port)
            watches = [asyncio.create_task(self._watch_book()), asyncio.create_task(self._watch_usage())]
            try:
                if await self._wait_for_kafka():
                    await self._run_app()
            finally:
                for watch in watches:
                    watch.cancel()
        if self._failure:
            raise self._described(self._failure)

    def _fail(self, error: BaseException) -> None:
        """Called by a stage that cannot go on; the first reason counts."""
        self._failure = self._failure or error
        self._end.set()

    async def _wait_for_kafka(self) -> bool:
        """Make the topics as soon as a broker answers; False if the worker was told to stop before."""
        attempt = 0
        while not self._end.is_set():
            try:
                created = await asyncio.to_thread(create_topics, self._settings)
            except KafkaError as error:
                seconds = _BACKOFF_SECONDS[min(attempt, len(_BACKOFF_SECONDS) - 1)]
                attempt += 1
                log.warning(
                    "kafka_unreachable", servers=self._settings.kafka.bootstrap_servers, reason=str(error),
                    next_step="start the broker or correct kafka.bootstrap_servers", again_in_seconds=seconds,
                )  # fmt: skip
                await self._sleep(seconds)
            else:
                log.info("kafka_reached", servers=self._settings.kafka.bootstrap_servers, topics_created=created)
                return not self._end.is_set()
        return False

    async def _run_app(self) -> None:
        positions = LedgerPositions(self._ledger, self._settings.kafka)
        app = self._app = WorkerApp(self._settings, positions, self._fail)
        rating = Rating(self._ledger, self._book.current, lambda: datetime.now(UTC))
        stream = Stream(app, self._settings, rating, self._only)
        tasks = [asyncio.create_task(work) for work in (
            self._start(app), self._watch_app(app), stream.look_for_open_legs(),
        )]  # fmt: skip
        await self._end.wait()
        log.info("worker_stopping", reason=repr(self._failure) if self._failure else "told to")
        app.has_failed = self._failure is not None
        await self._stop(app)
        for task in tasks:
            task.cancel()

    async def _start(self, app: WorkerApp) -> None:
        """Ends with the first assignment, which never comes where the ledger knows no position for it."""
        try:
            await app.start()
        except Exception as error:  # noqa: BLE001 - whatever ends the start ends the worker
            self._fail(error)

    async def _stop(self, app: WorkerApp) -> None:
        try:
            await asyncio.wait_for(app.stop(), _END_SECONDS)
        except TimeoutError:
            # What was not committed is read again, by the marks of the ledger.
            log.warning("worker_did_not_stop", after_seconds=_END_SECONDS)

    async def _watch_app(self, app: WorkerApp) -> None:
        await app.wait_until_stopped()
        if app.crash_reason:
            self._fail(app.crash_reason)

    async def _watch_book(self) -> None:
        had_changed = False
        while True:
            await asyncio.sleep(BOOK_SECONDS)
            has_changed = await asyncio.to_thread(self._book.refresh)
            # Once more after a change, for a batch that was being rated with the book before.
            is_due, had_changed = has_changed or had_changed, has_changed
            if is_due and self._is_first_rater():
                try:
                    await asyncio.to_thread(self._replay_unknown_trunks)
                except LedgerError as error:
                    self._fail(error)

    async def _watch_usage(self) -> None:
        usage = UsageWatch(self._ledger, self._book.current, lambda: datetime.now(UTC))
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._is_first_rater():
                await asyncio.to_thread(usage.look)

    def _is_first_rater(self) -> bool:
        """Whether this worker has partition 0 of cdr.leg: of all workers, one replays what has become known."""
        first = TP(leg_topic(self._settings.kafka), 0)
        return self._app is not None and first in (self._app.partitions or ())

    def _replay_unknown_trunks(self) -> None:
        Corrections(
            self._settings, self._ledger, self._book.current(), lambda: datetime.now(UTC)
        ).replay_unknown_trunks()

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._end.wait(), seconds)
        except TimeoutError:
            return

    def _health(self) -> tuple[bool, Mapping[str, Any]]:
        partitions = self._app.partitions if self._app else None
        book = {"hash": self._book.current().hash, "age_seconds": round(self._book.age_seconds)}
        names = sorted(raw_partition_name(partition) for partition in partitions or ())
        lag = self._app.lag if self._app else {}
        return partitions is not None, {"partitions": names, "lag": lag, "book": book}

    def _described(self, error: BaseException) -> BaseException:
        if isinstance(error, LedgerError | StreamError | BadLegMessage):
            return error
        return WorkerFailed(self._settings.kafka.bootstrap_servers, error)
