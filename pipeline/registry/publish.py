"""From the outbox to the compacted topics: in order, at least once, by one publisher at a time.

A row is marked as published after Kafka has acknowledged it. A crash in between sends it again, which a compacted topic
and followers that keep the newest version do not mind. Two publishers would turn time back, so a lock admits one.
"""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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
_EXISTS = 36
"""Error code TOPIC_ALREADY_EXISTS of the Kafka protocol."""


def make_topics(kafka: KafkaSettings) -> None:
    """Create the three compacted topics where they are missing. Raises KafkaError."""
    admin = KafkaAdminClient(client_id="trunkline-registry", bootstrap_timeout_ms=5_000, **client_options(kafka))
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


def run_publisher(registry: Registry, kafka: KafkaSettings, stop: threading.Event) -> None:
    """Publish until told to stop. Kafka may be away for any time: what waits is sent when it is back."""
    pause = _PAUSE_SECONDS
    while not stop.wait(pause):
        with only_publisher(registry.database) as is_alone:
            if not is_alone:
                pause = _PAUSE_SECONDS_MAX
                continue
            try:
                _publish_until(registry, kafka, stop)
            except (KafkaError, OSError) as error:
                pause = min(2 * pause, _PAUSE_SECONDS_MAX)
                log.error("outbox_not_published", reason=str(error), again_in_seconds=pause)  # noqa: TRY400


def _publish_until(registry: Registry, kafka: KafkaSettings, stop: threading.Event) -> None:
    make_topics(kafka)
    producer = new_producer(kafka)
    try:
        publisher = Publisher(registry, producer, kafka.topic_prefix)
        while not stop.wait(_PAUSE_SECONDS):
            publisher.publish()
    finally:
        producer.close(timeout=_ACK_SECONDS)
