"""Two ways to one book: what the topics carry, replayed from the outbox, is what the database says."""

import random
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest
from kafka import TopicPartition
from sqlalchemy import select

from pipeline.registry.feeds import DatabaseFeed
from pipeline.registry.merge import Content
from pipeline.registry.problems import Refused
from pipeline.registry.store.addresses import create_address, delete_address, list_addresses, update_address
from pipeline.registry.store.desk import Registry
from pipeline.registry.store.pages import Paging
from pipeline.registry.store.trunk_status import set_trunk_status
from pipeline.registry.store.trunks import create_trunk, delete_trunk, list_trunks, update_trunk
from pipeline.registry.tables import OutboxRow
from pipeline.registry.topic_feed import TopicFeed
from pipeline.settings import KafkaSettings
from tests.registry.builders import ACME, BLUE, a_trunk, an_address, an_update, metered

EVERYTHING = Paging(0, 100)


class Record(NamedTuple):
    """What a consumer gives."""

    key: bytes
    value: bytes | None


class Topics:
    """A consumer of topics that hold these records, one partition each; a few at a time."""

    def __init__(self, records: Mapping[str, Sequence[Record]]) -> None:
        self._records = records
        self._positions: dict[TopicPartition, int] = {}

    def partitions_for_topic(self, topic: str) -> set[int]:
        return {0} if topic in self._records else set()

    def assign(self, partitions: Sequence[TopicPartition]) -> None:
        self._positions = {partition: self._positions.get(partition, 0) for partition in partitions}

    def seek_to_beginning(self, *partitions: TopicPartition) -> None:
        self._positions |= dict.fromkeys(partitions, 0)

    def end_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return {partition: len(self._records[partition.topic]) for partition in partitions}

    def position(self, partition: TopicPartition) -> int:
        return self._positions[partition]

    def poll(self, timeout_ms: int) -> dict[TopicPartition, Sequence[Record]]:
        found = {}
        for partition, position in self._positions.items():
            found[partition] = self._records[partition.topic][position : position + 3]
            self._positions[partition] += len(found[partition])
        return found

    def close(self) -> None:
        self._positions = {}


def _change_at_random(registry: Registry, dice: random.Random) -> None:
    """One of the changes that people make, on one of the objects that are there."""
    caller = dice.choice([ACME, BLUE])
    trunks = list_trunks(registry, caller, EVERYTHING).results
    addresses = list_addresses(registry, caller, EVERYTHING).results
    host = f"8.8.8.{dice.randrange(1, 9)}"
    match dice.choice(["trunk", "trunk", "update", "status", "delete", "address", "edit", "remove"]):
        case "trunk":
            package = metered(dice.choice(addresses).id if addresses else None)
            create_trunk(registry, caller, a_trunk(sourceHosts=[host], billingPackage=package))
        case "update" if trunks:
            change = an_update(sourceHosts=[host], channelLimit=dice.randrange(1, 99))
            update_trunk(registry, caller, dice.choice(trunks).id, change)
        case "status" if trunks:
            set_trunk_status(registry, caller, dice.choice(trunks).id, dice.choice(["ENABLED", "DISABLED"]))
        case "delete" if trunks:
            delete_trunk(registry, caller, dice.choice(trunks).id)
        case "address":
            create_address(registry, caller, an_address())
        case "edit" if addresses:
            update_address(registry, caller, dice.choice(addresses).id, an_address(suite=str(dice.randrange(99))))
        case "remove" if addresses:
            delete_address(registry, caller, dice.choice(addresses).id)


def _published(registry: Registry) -> dict[str, list[Record]]:
    """The outbox as topics; tombstones that wait are not there yet."""
    found: dict[str, list[Record]] = {"sip-trunks": [], "service-addresses": []}
    with registry.database.read() as session:
        for row in session.scalars(select(OutboxRow).order_by(OutboxRow.change_id)):
            if row.publish_after <= registry.clock():
                found[row.topic].append(Record(row.key.encode(), row.value.encode() if row.value else None))
    return found


def _sorted(content: Content | None) -> tuple[Any, Any]:
    assert content is not None
    trunks = sorted(content.trunks, key=lambda entry: entry.trunk.trunk_id)
    return trunks, sorted(content.addresses, key=lambda address: (address.address_id, address.version))


@pytest.mark.parametrize("seed", range(2))
def test_topics_and_database_say_the_same(registry: Registry, seed: int) -> None:
    """Thirty random changes; the follower of the topics ends where the follower of the database ends."""
    dice = random.Random(seed)  # noqa: S311 - repeatable by its seed
    for _ in range(30):
        try:
            _change_at_random(registry, dice)
        except Refused:
            continue
    by_database = DatabaseFeed(registry.database).news()
    by_topics = TopicFeed(KafkaSettings(), lambda **_: Topics(_published(registry))).news()
    gone = _sorted(by_topics)[1][len(_sorted(by_database)[1]) :]
    assert _sorted(by_database) == _sorted(by_topics), gone


@pytest.mark.parametrize("seed", range(2))
def test_records_that_are_sent_again_do_not_turn_time_back(registry: Registry, seed: int) -> None:
    """After a crash a stretch of the outbox comes a second time, before what follows it."""
    dice = random.Random(seed)  # noqa: S311
    for _ in range(25):
        try:
            _change_at_random(registry, dice)
        except Refused:
            continue
    once = _published(registry)
    twice = {
        topic: [*records[:cut], *records[max(0, cut - 9) :]]
        for topic, records in once.items()
        for cut in [dice.randrange(len(records) + 1)]
    }
    expected = TopicFeed(KafkaSettings(), lambda **_: Topics(once)).news()
    assert _sorted(expected) == _sorted(TopicFeed(KafkaSettings(), lambda **_: Topics(twice)).news())


def test_only_what_is_compacted_away_is_missing(registry: Registry) -> None:
    """The last record of each key alone makes the same book as all of them."""
    dice = random.Random(11)  # noqa: S311
    for _ in range(25):
        try:
            _change_at_random(registry, dice)
        except Refused:
            continue
    whole = _published(registry)
    compacted = {topic: list({record.key: record for record in records}.values()) for topic, records in whole.items()}
    expected = TopicFeed(KafkaSettings(), lambda **_: Topics(whole)).news()
    assert _sorted(expected) == _sorted(TopicFeed(KafkaSettings(), lambda **_: Topics(compacted)).news())
