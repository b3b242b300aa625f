"""Whole fetches through Faust: one event carries all records that one fetch brought of one partition.

An event of a single record costs Faust about 80 µs whatever becomes of it. So the scheduler yields one object for
each partition and fetch, and the schema hands it on as it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, cast

from faust import Schema
from faust.types import TP, AppT, Message
from faust.types.transports import SchedulingStrategyT
from faust.types.tuples import ConsumerMessage


class Record(Protocol):
    """What is read of a record of aiokafka."""

    offset: int
    timestamp: int | None
    """Milliseconds since 1970, by the clock of the broker or the producer, as the topic is set."""
    headers: Sequence[tuple[str, bytes]]
    value: bytes | None


class Fetch(NamedTuple):
    """Consecutive records of one partition."""

    partition: TP
    epoch: int
    """How often positions were sought when it was read; an older one is from before a rebalance."""
    records: Sequence[Record]

    def as_message(self, generation: int) -> ConsumerMessage:
        """The one event that carries it; its offset is that of the last record."""
        last = self.records[-1]
        stamp = (last.timestamp or 0) / 1000
        topic, partition = self.partition
        return ConsumerMessage(
            topic, partition, last.offset, stamp, 0, None, None, cast("bytes", self), None, 0, 0,
            self.partition, generation_id=generation,
        )  # fmt: skip


class WholeFetches(SchedulingStrategyT):
    """Deliver fetches as they are, partition by partition. Not for topics that feed Faust tables."""

    @classmethod
    def map_from_records(cls, records: Mapping[TP, Any]) -> Mapping[TP, Any]:
        """Nothing to sort: there is one object for each partition."""
        return records

    def iterate(self, records: Mapping[TP, Any]) -> Iterator[tuple[TP, Any]]:
        """Each partition with its fetch."""
        return iter(records.items())

    def records_iterator(self, index: Mapping[TP, Any]) -> Iterator[tuple[TP, Any]]:
        """As `iterate`."""
        return self.iterate(index)


class FetchSchema(Schema[None, Fetch]):
    """Passes a fetch through without a look at it."""

    def loads_key(self, app: AppT, message: Message, **_: object) -> None:
        """Fetches have no key."""

    def loads_value(self, app: AppT, message: Message, **_: object) -> Fetch:  # noqa: ARG002
        """The fetch itself."""
        return cast("Fetch", message.value)
