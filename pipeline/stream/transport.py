"""Faust's Kafka transport, with the ledger in the place of Kafka's committed offsets.

`seek_to_committed` goes to what the ledger holds, `commit` tells Kafka what the ledger holds, for lag tools only.
Faust's own acknowledgements are not used (topics are declared `acks=False`).
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, cast

import structlog
from aiokafka.consumer import fetcher
from aiokafka.errors import IllegalStateError, KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.consumer import ensure_TP
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP
from faust.types.transports import TPorTopicSet
from faust.types.tuples import ConsumerMessage

from pipeline.ledger.errors import LedgerError
from pipeline.stream import metrics
from pipeline.stream.errors import LedgerAhead, StreamError
from pipeline.stream.fetch import Fetch, Record
from pipeline.stream.inflow import Inflow
from pipeline.stream.positions import LedgerPositions, raw_partition_name

log = structlog.get_logger(__name__)


class WorkerState(Protocol):
    """What the consumer needs of its app beside Faust's own."""

    positions: LedgerPositions
    inflow: Inflow
    lag: dict[str, int]

    def fail(self, error: BaseException) -> None:
        """Stop the worker with this reason."""


class NoReadOffsets(dict[TP, int | None]):
    """Faust drops what it takes for read already; here the marks decide that, so it never knows an offset."""

    def __getitem__(self, partition: TP) -> None:
        return None

    def __setitem__(self, partition: TP, offset: int | None) -> None:
        pass


class RecordsAsTheyAre(fetcher.PartitionRecords):  # type: ignore[misc]
    """Hands Kafka's records on: to copy each into an object of eleven fields is a tenth of a worker's time."""

    def _consumer_record(self, tp: TopicPartition, record: Record) -> Record:  # noqa: ARG002 - the signature is aiokafka's
        return record


# There is no setting for it; all consumers of this process are those of workers.
fetcher.PartitionRecords = RecordsAsTheyAre


class LedgerConsumerThread(AIOKafkaConsumerThread):
    """The thread that talks to the brokers. Each seek begins an epoch; a fetch says in which it was read."""

    epoch = 0

    async def bounds(self, partitions: Iterable[TP]) -> Mapping[TP, tuple[int, int]]:
        """The first offset that each of these partitions has, and the one that comes next."""
        return cast("Mapping[TP, tuple[int, int]]", await self.call_thread(self._bounds, partitions))

    async def _bounds(self, partitions: Iterable[TP]) -> Mapping[TP, tuple[int, int]]:
        consumer = self._ensure_consumer()
        mine = [TopicPartition(*partition) for partition in partitions if partition in self.assignment()]
        begins = await consumer.beginning_offsets(mine)
        ends = await consumer.end_offsets(mine)
        return {ensure_TP(at): (begins[at], ends[at]) for at in mine}

    async def seek_all(self, targets: Mapping[TP, int]) -> None:
        """Seek these partitions, all in one go: no fetch comes between two seeks."""
        await self.call_thread(self._seek_all, targets)

    async def _seek_all(self, targets: Mapping[TP, int]) -> None:
        self.epoch += 1
        for partition, offset in targets.items():
            try:
                self._ensure_consumer().seek(TopicPartition(*partition), offset)
            except IllegalStateError:  # revoked meanwhile; the next assignment seeks again
                log.info("seek_after_revocation", partition=raw_partition_name(partition))

    async def tell(self, offsets: Mapping[TP, int]) -> bool:
        """Store committed offsets in Kafka; False if it did not take them."""
        return bool(await self.call_thread(self._tell, offsets))

    async def _tell(self, offsets: Mapping[TP, int]) -> bool:
        mine = {TopicPartition(*at): OffsetAndMetadata(offset, "") for at, offset in offsets.items()
                if at in self.assignment()}  # fmt: skip
        try:
            await self._ensure_consumer().commit(mine)
        except KafkaError as error:
            # Nobody reads these offsets but people who watch the lag.
            log.info("kafka_refused_offsets", reason=repr(error))
            return False
        return True

    async def _fetch_records(self, *arguments: Any, **options: Any) -> Mapping[TP, Any]:  # noqa: ANN401
        records = await super()._fetch_records(*arguments, **options)
        return {ensure_TP(at): Fetch(ensure_TP(at), self.epoch, found) for at, found in records.items()}


class LedgerConsumer(Consumer):
    """Reads from where the ledger stands."""

    _thread: LedgerConsumerThread

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - handed on to Faust
        super().__init__(*arguments, **options)
        self._read_offset = NoReadOffsets()
        self._told: dict[TP, int] = {}
        self._worker = cast("WorkerState", self.app)

    def _new_consumer_thread(self) -> LedgerConsumerThread:
        return LedgerConsumerThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def epoch(self) -> int:
        """Number of the last seek; fetches of an earlier one are void."""
        return self._thread.epoch

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek all partitions of this worker to what the ledger holds."""
        self._told.clear()
        try:
            positions = await self._read_positions(self.assignment())
            bounds = await self._thread.bounds(positions)
            found = {at: _target(at, positions[at], begin, end) for at, (begin, end) in bounds.items()}
        except (LedgerError, StreamError) as error:
            self._worker.fail(error)
            # Without a position nothing may be fetched: stand still until the worker has stopped.
            await asyncio.get_running_loop().create_future()
            raise
        await self._thread.seek_all(found)
        log.info("positions_sought", **{raw_partition_name(at): offset for at, offset in sorted(found.items())})
        return found

    async def commit(self, topics: TPorTopicSet | None = None, start_new_transaction: bool = True) -> bool:  # noqa: ARG002, FBT001, FBT002
        """Tell Kafka what the ledger holds, so that every lag tool works. Never raises."""
        try:
            positions = await self._read_positions(self.assignment())
        except LedgerError as error:
            # The next commit of rows meets the same store and stops the worker.
            log.warning("positions_unknown", reason=str(error))
            return False
        self._measure_lag(positions)
        news = {at: offset for at, offset in positions.items() if offset is not None and offset != self._told.get(at)}
        if not news or not await self._thread.tell(news):
            return False
        self._told |= news
        return True

    async def _read_positions(self, partitions: Iterable[TP]) -> dict[TP, int | None]:
        return await asyncio.to_thread(self._worker.positions.of, set(partitions))

    def _measure_lag(self, positions: Mapping[TP, int | None]) -> None:
        for partition, position in positions.items():
            if partition not in self.assignment() or (end := self.highwater(partition)) is None:
                continue
            lag = end - (position or 0)
            metrics.LAG.labels(partition.topic, partition.partition).set(lag)
            self._worker.lag[raw_partition_name(partition)] = lag

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Mapping[TP, Any]:
        await self._worker.inflow.room()
        fetched: Mapping[TP, Any] = await self._thread.getmany(active_partitions, timeout)
        return {at: fetch for at, fetch in fetched.items() if fetch.epoch == self.epoch}

    def _to_message(self, tp: TP, record: Fetch) -> ConsumerMessage:  # noqa: ARG002 - the signature is Faust's
        return record.as_message(self.app.consumer_generation_id)


class LedgerTransport(Transport):
    """Faust's transport with the consumer above."""

    Consumer = LedgerConsumer


def _target(partition: TP, position: int | None, begin: int, end: int) -> int:
    if position is None:
        return begin
    if position > end:
        raise LedgerAhead(raw_partition_name(partition), position, end)
    # Below the beginning, retention has deleted what was not read; the rate stage counts the gap.
    return max(position, begin)
