"""The registry by its compacted topics: what workers on Kafka follow, without a way to its database."""

from collections.abc import Callable
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from pipeline.book.watched import WatchedBook
from pipeline.registry.book_source import FollowedBook, followed_book
from pipeline.registry.feeds import historic
from pipeline.registry.merge import Content
from pipeline.registry.store.changes import SERVICE_ADDRESSES, SIP_TRUNKS
from pipeline.registry.store.records import AddressRecord, TrunkRecord
from pipeline.settings import KafkaSettings, Settings
from pipeline.stream.connection import client_options

_POLL_MS = 200
_BATCH = 5_000


def book_of_worker(settings: Settings) -> WatchedBook:
    """The book of a worker on Kafka: by the topics if the registry publishes, else as everybody else's."""
    if settings.registry.publish:
        return FollowedBook(settings.book_path, TopicFeed(settings.kafka))
    return followed_book(settings)


class TopicFeed:
    """Reads the compacted topics whole, from the beginning, without a consumer group."""

    def __init__(self, kafka: KafkaSettings, connect: Callable[..., Any] = KafkaConsumer) -> None:
        self._consumer = connect(
            enable_auto_commit=False, auto_offset_reset="earliest", max_poll_records=_BATCH, **client_options(kafka)
        )
        self._trunks: dict[str, TrunkRecord] = {}
        self._addresses: dict[str, AddressRecord] = {}
        self._names = {f"{kafka.topic_prefix}{topic}": topic for topic in (SIP_TRUNKS, SERVICE_ADDRESSES)}
        self._partitions: list[TopicPartition] = []
        self._is_new = True

    def news(self) -> Content | None:
        """Take in what has arrived; the first time, everything that is there."""
        self._assign()
        changed = self._is_new
        while records := self._take():
            changed |= records
        if not changed:
            return None
        self._is_new = False
        addresses = [version for record in self._addresses.values() for version in record.versions]
        return Content(historic(list(self._trunks.values())), addresses)

    def close(self) -> None:
        """Leave Kafka."""
        self._consumer.close()

    def _assign(self) -> None:
        """Follow every partition there is; topics may come into being later."""
        found = [
            TopicPartition(name, partition)
            for name in self._names
            for partition in sorted(self._consumer.partitions_for_topic(name) or ())
        ]
        if found != self._partitions:
            fresh = [partition for partition in found if partition not in self._partitions]
            self._partitions = found
            self._consumer.assign(found)
            self._consumer.seek_to_beginning(*fresh)
            self._is_new = True

    def _take(self) -> bool:
        """Apply one fetch; whether there is more to come before the end that Kafka knows."""
        if not self._partitions:
            return False
        ends = self._consumer.end_offsets(self._partitions)
        if all(self._consumer.position(partition) >= ends[partition] for partition in self._partitions):
            return False
        for partition, records in self._consumer.poll(timeout_ms=_POLL_MS).items():
            for record in records:
                self._apply(self._names[partition.topic], record.key.decode(), record.value)
        return True

    def _apply(self, topic: str, key: str, value: bytes | None) -> None:
        """The newest version stays, so a record that is sent again never turns time back."""
        if topic == SIP_TRUNKS:
            if value is None:
                self._trunks.pop(key, None)
                return
            trunk = TrunkRecord.model_validate_json(value)
            if key not in self._trunks or self._trunks[key].version <= trunk.version:
                self._trunks[key] = trunk
        elif value is None:
            self._addresses.pop(key, None)
        else:
            address = AddressRecord.model_validate_json(value)
            if key not in self._addresses or len(self._addresses[key].versions) <= len(address.versions):
                self._addresses[key] = address
