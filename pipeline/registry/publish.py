"""From the outbox to the compacted topics: in order, at least once, by one publisher at a time.

A row is marked as published after Kafka has acknowledged it. A crash in between sends it again, which a compacted topic
and followers that keep the newest version do not mind. Two publishers would turn time back, so a lock admits one.
"""

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from prometheus_client import Counter, Gauge
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from pipeline.registry.database import Database
from pipeline.registry.store.changes import TOPICS
from pipeline.registry.store.desk import Registry
from pipeline.registry.tables import OutboxRow
from pipeline.settings import KafkaSettings
from pipeline.stream.connection import client_options

PUBLISHED = Counter("registry_published_total", "Records of the outbox that Kafka has acknowledged.", ["topic"])
WAITING = Gauge("registry_outbox_waiting", "Records of the outbox that wait to be published.")

log = structlog.get_logger(__name__)

BATCH = 500
_ACK_SECONDS = 30
_PAUSE_SECONDS, _PAUSE_SECONDS_MAX = 0.2, 10.0
_LOCK = "7216514, 2"
_CONNECT_SECONDS = 5
_NO_BROKER = (KafkaError, OSError)


class Unpublished(Exception):
    """What waits could not be published: no broker for as long as was to be waited, or another publisher."""


def make_topics(kafka: KafkaSettings) -> None:
    """Create the three compacted topics where they are missing. Raises KafkaError."""
    admin = KafkaAdminClient(
        client_id="trunkline-registry", bootstrap_timeout_ms=1_000 * _CONNECT_SECONDS, **client_options(kafka)
    )
    configs = {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.1"}
    wanted: dict[str, Any] = {
        f"{kafka.topic_prefix}{topic}": {
            "num_partitions": 1, "replication_factor": kafka.replication_factor, "configs": configs,
        }
        for topic in TOPICS
    }  # fmt: skip
    try:
        admin.create_topics(wanted, raise_errors=False)
        admin.wait_for_topics(list(wanted))
    finally:
        admin.close()


def new_producer(kafka: KafkaSettings) -> KafkaProducer:
    """A producer that neither loses, repeats nor reorders what it sends while it lives."""
    return KafkaProducer(
        client_id="trunkline-registry", acks="all", enable_idempotence=True, linger_ms=0, **client_options(kafka)
    )


class Publisher:
    """Publishes the outbox of one registry."""

    def __init__(self, registry: Registry, producer: KafkaProducer, prefix: str = "") -> None:
        self._registry = registry
        self._producer = producer
        self._prefix = prefix

    def publish(self) -> int:
        """Send what waits, the oldest first, and mark it; return how many records. Raises KafkaError."""
        published = 0
        while rows := self._waiting():
            futures = [
                self._producer.send(f"{self._prefix}{row.topic}", key=row.key.encode(), value=_value(row))
                for row in rows
            ]
            for future in futures:
                future.get(timeout=_ACK_SECONDS)
            self._mark([row.change_id for row in rows])
            for row in rows:
                PUBLISHED.labels(row.topic).inc()
            published += len(rows)
        WAITING.set(0)
        return published

    def _waiting(self) -> list[OutboxRow]:
        query = (
            select(OutboxRow)
            .where(OutboxRow.published_at.is_(None), OutboxRow.publish_after <= self._registry.clock())
            .order_by(OutboxRow.change_id)
            .limit(BATCH)
        )
        with self._registry.database.read() as session:
            rows = list(session.scalars(query))
            session.expunge_all()
        WAITING.set(len(rows))
        return rows

    def _mark(self, change_ids: list[int]) -> None:
        at: datetime = self._registry.clock()

        def work(session: Session) -> None:
            session.execute(update(OutboxRow).where(OutboxRow.change_id.in_(change_ids)).values(published_at=at))

        self._registry.database.write(work)


def _value(row: OutboxRow) -> bytes | None:
    return None if row.value is None else row.value.encode()


@contextmanager
def only_publisher(database: Database) -> Iterator[bool]:
    """Whether this process may publish; no other may until the block ends or the process dies."""
    if database.file is None:
        # Without a transaction, for one that is open for days would keep the database from tidying up.
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield bool(connection.scalar(text(f"SELECT pg_try_advisory_lock({_LOCK})")))
            connection.execute(text(f"SELECT pg_advisory_unlock({_LOCK})"))
        return
    with database.file.with_suffix(".publisher").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def run_publisher(
    registry: Registry, kafka: KafkaSettings, stop: threading.Event, give_up_seconds: float | None = None
) -> None:
    """Publish until told to stop.

    Kafka may be away for any time, and what waits is sent when it is back. With `give_up_seconds`, Unpublished is
    raised when it has been away for so long.
    """
    pause, contact = _PAUSE_SECONDS, _Contact(time.monotonic())
    while not stop.wait(pause):
        with only_publisher(registry.database) as is_alone:
            if not is_alone:
                pause, contact.at = _PAUSE_SECONDS_MAX, time.monotonic()
                continue
            try:
                _publish_until(registry, kafka, stop, contact)
            except _NO_BROKER as error:
                away = time.monotonic() - contact.at
                if give_up_seconds is not None and away >= give_up_seconds:
                    raise Unpublished(_away(kafka, away, error)) from error
                pause = min(2 * pause, _PAUSE_SECONDS_MAX)
                log.error("outbox_not_published", reason=str(error), again_in_seconds=pause)  # noqa: TRY400


@dataclass
class _Contact:
    """When Kafka was last known to be there, by the monotonic clock."""

    at: float


def publish_waiting(registry: Registry, kafka: KafkaSettings) -> int:
    """Publish what waits, once; return how many records. Raises Unpublished."""
    began = time.monotonic()
    with only_publisher(registry.database) as is_alone:
        if not is_alone:
            raise Unpublished(
                "Another process publishes the changes of this registry. Leave it to that one, or stop it."
            )
        try:
            make_topics(kafka)
            with closing(new_producer(kafka)) as producer:
                return Publisher(registry, producer, kafka.topic_prefix).publish()
        except _NO_BROKER as error:
            raise Unpublished(_away(kafka, time.monotonic() - began, error)) from error


def _away(kafka: KafkaSettings, seconds: float, reason: object) -> str:
    return (
        f"Kafka at {kafka.bootstrap_servers} did not answer for {seconds:.0f} s: {reason}. What waits stays in the "
        "outbox. Check kafka.bootstrap_servers and the broker, then start the publisher again."
    )


def _publish_until(registry: Registry, kafka: KafkaSettings, stop: threading.Event, contact: _Contact) -> None:
    make_topics(kafka)
    contact.at = time.monotonic()
    producer = new_producer(kafka)
    try:
        publisher = Publisher(registry, producer, kafka.topic_prefix)
        while not stop.wait(_PAUSE_SECONDS):
            publisher.publish()
            contact.at = time.monotonic()
    finally:
        producer.close(timeout=_ACK_SECONDS)
