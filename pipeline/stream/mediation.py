"""The mediate stage: raw records of one partition become one message for each partition of `cdr.leg`.

A pure function of the bytes. A raw partition's batches are sent in order, and all acknowledgements of one are awaited
before the next, so what is sent again after a crash is exactly what the marks of the ledger drop.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from faust.types import TP

from pipeline.mediation.batch import mediate_counting, split_by_call_group
from pipeline.mediation.raw import RawBatch
from pipeline.settings import Settings, Source
from pipeline.stream import metrics
from pipeline.stream.fetch import Record
from pipeline.stream.lanes import Parcel
from pipeline.stream.messages import LegMessage
from pipeline.stream.positions import raw_partition_name
from pipeline.stream.topics import leg_topic, raw_topic

BATCH_RECORDS = 15_000
BATCH_BYTES = 6 << 20
"""Raw records of one message of `cdr.leg`; topics are made to take messages of that size."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RECORD_BYTES = 250
"""What Python holds for a record beside its value."""

Send = Callable[..., Awaitable[Awaitable[Any]]]
"""As `send` of Faust's producer: topic, key, value, partition, timestamp, headers."""


def raw_parcels(records: Sequence[Record]) -> Iterator[Parcel[Sequence[Record]]]:
    """Cut a fetch into parts that one message of `cdr.leg` can carry."""
    start, size = 0, 0
    for position, record in enumerate(records):
        length = len(record.value or b"")
        if position > start and (position - start >= BATCH_RECORDS or size + length > BATCH_BYTES):
            yield _parcel(records[start:position], size)
            start, size = position, 0
        size += length
    yield _parcel(records[start:], size)


def _parcel(records: Sequence[Record], size: int) -> Parcel[Sequence[Record]]:
    return Parcel(records, len(records), size + _RECORD_BYTES * len(records))


class Mediation:
    """Mediates the raw topics of all configured sources."""

    def __init__(self, settings: Settings, send: Send) -> None:
        self._sources = {raw_topic(settings.kafka, source.name): source for source in settings.sources}
        self._late_days = settings.late_days
        self._leg_topic = leg_topic(settings.kafka)
        self._leg_partitions = settings.kafka.leg_partitions
        self._send = send

    async def work(self, partition: TP, parcels: Sequence[Sequence[Record]]) -> None:
        """Mediate what was fetched of one partition, in as few batches as go, and wait until `cdr.leg` has it."""
        source = self._sources[partition.topic]
        for records, _, _ in raw_parcels([record for part in parcels for record in part]):
            with metrics.MEDIATE_SECONDS.time():
                messages = await asyncio.to_thread(self.messages, source, partition, records)
                await self._send_all(messages)
            metrics.RECORDS.labels(source.name).inc(len(records))

    def messages(self, source: Source, partition: TP, records: Sequence[Record]) -> list[tuple[list[Any], bytes]]:
        """Headers and value for each partition of `cdr.leg`, empty or not, so that each of its marks moves."""
        raw = raw_batch(partition, records)
        mediated = mediate_counting(raw, source, late_days=self._late_days)
        _count(source, mediated.cdrs)
        first, upto = raw.offsets[0], raw.offsets[-1]
        return [
            LegMessage(raw.partition, first, upto, part, mediated.restarts).encode()
            for part in split_by_call_group(mediated.cdrs, self._leg_partitions)
        ]

    async def _send_all(self, messages: Sequence[tuple[list[Any], bytes]]) -> None:
        sent = [
            await self._send(self._leg_topic, None, value, partition, None, headers)
            for partition, (headers, value) in enumerate(messages)
        ]
        await asyncio.gather(*sent)


def raw_batch(partition: TP, records: Sequence[Record]) -> RawBatch:
    """Records as mediation takes them. A record without a value is an empty one."""
    stamps = [record.timestamp or 0 for record in records]
    times = {stamp: _EPOCH + timedelta(milliseconds=stamp) for stamp in set(stamps)}
    return RawBatch(
        raw_partition_name(partition),
        [record.offset for record in records],
        [record.value or b"" for record in records],
        [times[stamp] for stamp in stamps],
    )


def _count(source: Source, cdrs: pa.RecordBatch) -> None:
    readable = pc.sum(pc.is_null(cdrs.column("reject_reason")), min_count=0).as_py()
    metrics.CDRS.labels(source.name, "readable").inc(readable)
    metrics.CDRS.labels(source.name, "unreadable").inc(cdrs.num_rows - readable)
