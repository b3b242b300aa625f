"""Send a run to the raw topics of Kafka, in the order of arrival, as fast as it goes or at a rate."""

import asyncio
import time
from collections.abc import Callable, Iterator
from zlib import crc32

import numpy as np
from aiokafka import AIOKafkaProducer

from pipeline.settings import KafkaSettings
from pipeline.simulator.run import Block, blocks, values_of
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.world import World
from pipeline.stream.connection import client_options
from pipeline.stream.topics import raw_topic

SLICES_A_SECOND = 20
_SLICE_UNPACED = 20_000
_BATCH_BYTES = 900_000


def send_run(world: World, kafka: KafkaSettings, rate: int | None, progress: Callable[[int], None]) -> int:
    """Send every record and wait until Kafka has them all; return their number.

    `rate` is records a second. Raises KafkaError where no broker answers.
    """
    return asyncio.run(_send(world, kafka, rate, progress))


async def _send(world: World, kafka: KafkaSettings, rate: int | None, progress: Callable[[int], None]) -> int:
    options = client_options(kafka)
    servers = ",".join(options.pop("bootstrap_servers"))
    producer = AIOKafkaProducer(bootstrap_servers=servers, max_batch_size=_BATCH_BYTES, **options)
    await producer.start()
    sent, begun = 0, time.monotonic()
    try:
        for block in blocks(world):
            for batch in _slices(block, world, max(1, rate // SLICES_A_SECOND) if rate else _SLICE_UNPACED):
                await _send_slice(producer, batch, kafka)
                sent += sum(len(values) for _, values in batch)
                progress(sum(len(values) for _, values in batch))
                if rate:
                    await asyncio.sleep(max(0.0, begun + sent / rate - time.monotonic()))
    finally:
        await producer.stop()
    return sent


def _slices(block: Block, world: World, size: int) -> Iterator[list[tuple[Sbc, list[bytes]]]]:
    """Parts of a block in the order of arrival, split by node."""
    records = block.records
    of_node = [values_of(records.take(np.flatnonzero(records.sbc == at)), world, sbc, block.faults)
               for at, sbc in enumerate(world.sbcs)]  # fmt: skip
    done = [0] * len(of_node)
    for start in range(0, len(records.call), size):
        counts = np.bincount(records.sbc[start : start + size], minlength=len(of_node)).tolist()
        yield [
            (sbc, of_node[at][done[at] : done[at] + counts[at]])
            for at, sbc in enumerate(world.sbcs)
            if counts[at]
        ]  # fmt: skip
        done = [before + count for before, count in zip(done, counts, strict=True)]


async def _send_slice(producer: AIOKafkaProducer, batch: list[tuple[Sbc, list[bytes]]], kafka: KafkaSettings) -> None:
    """The key is the node, and so is the partition: the records of one node stay in their order."""
    waiting = []
    for sbc, values in batch:
        key = sbc.node.encode()
        partition = crc32(key) % kafka.raw_partitions
        topic = raw_topic(kafka, sbc.source)
        builder = producer.create_batch()
        for value in values:
            if builder.append(key=key, value=value, timestamp=None) is None:
                waiting.append(await producer.send_batch(builder, topic, partition=partition))
                builder = producer.create_batch()
                builder.append(key=key, value=value, timestamp=None)
        if builder.record_count():
            waiting.append(await producer.send_batch(builder, topic, partition=partition))
    await asyncio.gather(*waiting)
