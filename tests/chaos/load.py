"""A steady load of calls whose prices can be worked out by hand, with duplicates and broken records among them."""

import json
import random
import threading
import time
from decimal import Decimal
from typing import Any

from kafka import KafkaConsumer, KafkaProducer
from kafka.structs import TopicPartition

from pipeline.settings import Settings
from tests.stream.feed import an_event, ended_after

TICK_SECONDS = 0.1
BROKEN = b'{"leg_id": "cut in the mid'
DUPLICATES, BROKEN_ONES = 0.01, 0.005


def seconds_of(number: int) -> int:
    """How long a call lasts, 1 to 600 seconds."""
    return 1 + number * 7919 % 600


def charge_of(number: int) -> Decimal:
    """Its price: 0.0075 a minute, in steps of six seconds, so 0.000750 for each step begun."""
    steps = -(-seconds_of(number) // 6)
    return Decimal("0.000750") * steps


def event_of(number: int) -> bytes:
    """The event of a call."""
    return an_event(number, released_at=ended_after(number, seconds_of(number)))


class Load(threading.Thread):
    """Sends so many events a second until it is told to stop. What Kafka took is read back, not counted here."""

    def __init__(self, settings: Settings, events_a_second: int, seed: int) -> None:
        super().__init__(name="load", daemon=True)
        self._settings = settings
        self._events_a_tick = int(events_a_second * TICK_SECONDS)
        self._random = random.Random(seed)  # noqa: S311 - the load must follow from the seed
        self._end = threading.Event()
        self.calls = 0

    def run(self) -> None:
        """Send, at a steady pace, whatever the broker does meanwhile."""
        producer = KafkaProducer(
            bootstrap_servers=self._settings.kafka.bootstrap_servers, linger_ms=20, delivery_timeout_ms=300_000,
        )  # fmt: skip
        topic = f"{self._settings.kafka.topic_prefix}cdr.raw.sbc1"
        partitions = self._settings.kafka.raw_partitions
        due = time.monotonic()
        while not self._end.is_set():
            for _ in range(self._events_a_tick):
                producer.send(topic, self._next(), partition=self._random.randrange(partitions))
            due += TICK_SECONDS
            time.sleep(max(0.0, due - time.monotonic()))
        producer.flush(timeout=120)
        producer.close()

    def stop(self) -> None:
        """Send what is under way, then end."""
        self._end.set()
        self.join(180)
        assert not self.is_alive(), "the broker did not take what was sent"

    def _next(self) -> bytes:
        dice = self._random.random()
        if dice < BROKEN_ONES:
            return BROKEN
        if dice < BROKEN_ONES + DUPLICATES and self.calls:
            return event_of(self._random.randrange(self.calls))
        self.calls += 1
        return event_of(self.calls - 1)


def sent_records(settings: Settings) -> dict[tuple[str, int], int | None]:
    """What is in the raw topic: partition and offset with the number of the call; None for a broken record."""
    consumer: Any = KafkaConsumer(bootstrap_servers=settings.kafka.bootstrap_servers, enable_auto_commit=False)
    topic = f"{settings.kafka.topic_prefix}cdr.raw.sbc1"
    partitions = [TopicPartition(topic, number) for number in range(settings.kafka.raw_partitions)]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = consumer.end_offsets(partitions)
    found: dict[tuple[str, int], int | None] = {}
    while len(found) < sum(ends.values()):
        for at, records in consumer.poll(1000).items():
            name = f"{at.topic}-{at.partition}"
            found |= {(name, record.offset): _number(record.value) for record in records}
    consumer.close()
    return found


def _number(value: bytes) -> int | None:
    return None if value == BROKEN else int(json.loads(value)["leg_id"].removeprefix("leg-"))
