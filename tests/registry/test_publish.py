"""From the outbox to compacted topics of a real Apache Kafka and back: in order, at least once, crashes included."""

import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from sqlalchemy import func, select

from pipeline.registry.book_source import FollowedBook
from pipeline.registry.database import Database
from pipeline.registry.publish import Publisher, make_topics, new_producer, only_publisher, run_publisher
from pipeline.registry.settings import RegistrySettings
from pipeline.registry.store.addresses import create_address, delete_address, update_address
from pipeline.registry.store.desk import Registry
from pipeline.registry.store.records import TrunkRecord
from pipeline.registry.store.routes import create_route, delete_route
from pipeline.registry.store.trunks import create_trunk, delete_trunk, update_trunk
from pipeline.registry.tables import OutboxRow
from pipeline.registry.topic_feed import TopicFeed, book_of_worker
from pipeline.settings import KafkaSettings, Settings
from pipeline.shipped import DATA
from tests.registry.builders import ACME, Clock, a_registry, a_route, a_trunk, an_address, an_update

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.kafka


@pytest.fixture
def topics(kafka: str) -> KafkaSettings:
    """Settings with topics of this test's own, which are there."""
    settings = KafkaSettings(bootstrap_servers=kafka, topic_prefix=f"r{secrets.token_hex(4)}.")
    make_topics(settings)
    return settings


@pytest.fixture
def publisher(registry: Registry, topics: KafkaSettings) -> Iterator[Publisher]:
    """A publisher of the registry."""
    producer = new_producer(topics)
    yield Publisher(registry, producer, topics.topic_prefix)
    producer.close()


def _records(topics: KafkaSettings, topic: str) -> list[tuple[str, bytes | None]]:
    """All records of a topic, in order."""
    consumer = KafkaConsumer(bootstrap_servers=topics.bootstrap_servers, auto_offset_reset="earliest")
    partition = TopicPartition(f"{topics.topic_prefix}{topic}", 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    end, found = consumer.end_offsets([partition])[partition], []
    while consumer.position(partition) < end:
        for records in consumer.poll(timeout_ms=500).values():
            found += [(record.key.decode(), record.value) for record in records]
    consumer.close()
    return found


def _limits(topics: KafkaSettings) -> list[int]:
    return [
        TrunkRecord.model_validate_json(value).trunk.channel_limits[-1].channel_limit
        for _, value in _records(topics, "sip-trunks")
        if value
    ]


def test_topics_are_compacted(topics: KafkaSettings) -> None:
    """The last record of each key stays for good; making them twice is fine."""
    make_topics(topics)
    admin = KafkaAdminClient(bootstrap_servers=topics.bootstrap_servers)
    name = f"{topics.topic_prefix}sip-trunks"
    found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    admin.close()
    assert "compact" in str(found)


def test_changes_arrive_in_order_with_tombstones(
    registry: Registry, publisher: Publisher, topics: KafkaSettings
) -> None:
    """Keyed by id; an address and a route as well; published once, a second time there is nothing to do."""
    trunk = create_trunk(registry, ACME, a_trunk())
    for limit in (20, 30):
        update_trunk(registry, ACME, trunk.id, an_update(channelLimit=limit))
    address = create_address(registry, ACME, an_address())
    route = create_route(registry, ACME, a_route())
    delete_route(registry, ACME, route.id)
    assert 6 == publisher.publish()
    assert 0 == publisher.publish()
    assert [10, 20, 30] == _limits(topics)
    assert [trunk.id] * 3 == [key for key, _ in _records(topics, "sip-trunks")]
    assert [address.id] == [key for key, _ in _records(topics, "service-addresses")]
    assert [(route.id, True), (route.id, False)] == [
        (key, bool(value)) for key, value in _records(topics, "call-routes")
    ]


def test_a_tombstone_waits_until_late_records_are_over(database: Database, topics: KafkaSettings) -> None:
    """The end of the trunk's life is published at once, its tombstone after tombstone_days."""
    clock = Clock()
    registry = a_registry(database, clock, tombstone_days=10)
    trunk = create_trunk(registry, ACME, a_trunk())
    delete_trunk(registry, ACME, trunk.id)
    producer = new_producer(topics)
    publisher = Publisher(registry, producer, topics.topic_prefix)
    assert 2 == publisher.publish()
    clock.now = clock.now.replace(day=12)
    assert 1 == publisher.publish()
    assert [True, True, False] == [bool(value) for _, value in _records(topics, "sip-trunks")]
    producer.close()


def test_a_crash_between_kafka_and_the_database_loses_and_reorders_nothing(
    registry: Registry, topics: KafkaSettings, publisher: Publisher
) -> None:
    """The records are sent again in their order; a follower that reads both rounds never goes back in time."""
    trunk = create_trunk(registry, ACME, a_trunk())
    for limit in range(11, 16):
        update_trunk(registry, ACME, trunk.id, an_update(channelLimit=limit))
    url = registry.database.engine.url.render_as_string(hide_password=False)
    command = [
        sys.executable,
        "-m",
        "tests.registry.publisher_process",
        url,
        topics.bootstrap_servers,
        topics.topic_prefix,
    ]
    died = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120, check=False)
    assert -signal.SIGKILL == died.returncode, died.stderr
    assert list(range(10, 16)) == _limits(topics)
    assert 6 == _waiting(registry)
    update_trunk(registry, ACME, trunk.id, an_update(channelLimit=16))
    assert 7 == publisher.publish()
    assert [*range(10, 16), *range(10, 17)] == _limits(topics)
    feed = TopicFeed(topics)
    content = feed.news()
    assert content is not None
    assert 16 == content.trunks[0].trunk.channel_limits[-1].channel_limit
    feed.close()


def test_a_crash_before_kafka_loses_nothing(registry: Registry, topics: KafkaSettings, publisher: Publisher) -> None:
    """Whoever comes next finds the row still waiting."""
    producer = new_producer(topics)
    producer.close()
    create_trunk(registry, ACME, a_trunk())
    with pytest.raises(Exception, match=r"(?i)clos"):
        Publisher(registry, producer, topics.topic_prefix).publish()
    assert 1 == _waiting(registry)
    assert 1 == publisher.publish()


def test_one_publisher_at_a_time(registry: Registry) -> None:
    """A second one would send old records after new ones."""
    with only_publisher(registry.database) as first, only_publisher(registry.database) as second:
        assert (True, False) == (first, second)
    with only_publisher(registry.database) as again:
        assert again


def test_the_book_follows_the_topics(registry: Registry, topics: KafkaSettings) -> None:
    """A running publisher and a follower: a change is in the book within seconds, a deleted trunk keeps its dates."""
    stop = threading.Event()
    thread = threading.Thread(target=run_publisher, args=(registry, topics, stop))
    thread.start()
    feed = TopicFeed(topics)
    address = create_address(registry, ACME, an_address())
    update_address(registry, ACME, address.id, an_address(street="2 Congress Ave"))
    trunk = create_trunk(registry, ACME, a_trunk())
    seen = _follow(feed, lambda content: bool(content.trunks))
    assert [trunk.id] == [entry.trunk.trunk_id for entry in seen.trunks]
    assert [1, 2] == [version.version for version in seen.addresses]
    delete_trunk(registry, ACME, trunk.id)
    delete_address(registry, ACME, address.id)
    gone = _follow(feed, lambda content: content.trunks[0].trunk.effective_until is not None)
    assert 2 == len(gone.addresses)
    assert feed.news() is None
    stop.set()
    thread.join(30)
    feed.close()


def _follow(feed: TopicFeed, is_there: Any) -> Any:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        content = feed.news()
        if content is not None and is_there(content):
            return content
        time.sleep(0.1)
    pytest.fail("the change did not arrive")


def test_a_worker_on_kafka_reads_the_topics(topics: KafkaSettings) -> None:
    """With `registry.publish` the book comes from the topics, without a connection to the database."""
    settings = Settings(book_path=DATA / "book", kafka=topics, registry=RegistrySettings(publish=True))
    book = book_of_worker(settings)
    assert isinstance(book, FollowedBook)
    assert not book.refresh()
    book.close()


def _waiting(registry: Registry) -> int:
    with registry.database.read() as session:
        query = select(func.count()).select_from(OutboxRow).where(OutboxRow.published_at.is_(None))
        return session.scalar(query.where(OutboxRow.topic == "sip-trunks")) or 0
