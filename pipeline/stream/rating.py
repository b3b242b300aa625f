"""The rate stage of a worker: one RateStage for each partition of `cdr.leg` that it owns."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

import pyarrow.compute as pc
import structlog
from faust.types import TP

from pipeline.ledger.table import UsageLedger
from pipeline.rate.stage import RateStage
from pipeline.stream import metrics
from pipeline.stream.fetch import Record
from pipeline.stream.lanes import Parcel
from pipeline.stream.messages import LegMessage, row_count
from rating.book import RateBook

log = structlog.get_logger(__name__)

_ROW_BYTES = 600
"""What a CDR takes in memory as an Arrow row, about; on the topic it takes a third."""
LOOK_FOR_OPEN_LEGS: Parcel[Record | None] = Parcel(None, 0, 0)
"""Takes its turn among the messages: time to give up the calls that nobody ended."""


def leg_parcels(records: Sequence[Record]) -> Iterator[Parcel[Record | None]]:
    """The messages of a fetch, each with the rows that its headers promise."""
    for record in records:
        rows = row_count(record.headers)
        yield Parcel(record, rows, len(record.value or b"") + _ROW_BYTES * rows)


class Rating:
    """Rates what arrives, each partition in a thread of its own turn. What is blocking runs beside the event loop."""

    def __init__(self, ledger: UsageLedger, book: Callable[[], RateBook], clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._book = book
        self._clock = clock
        self._stages: dict[int, RateStage] = {}

    async def work(self, partition: TP, contents: Sequence[Record | None]) -> None:
        """Commit what is new in these messages of one partition. Raises what RateStage.process raises."""
        await asyncio.to_thread(self.rate, partition.partition, contents)

    def rate(self, partition: int, contents: Sequence[Record | None]) -> None:
        """As `work`, blocking."""
        if partition not in self._stages:
            self._stages[partition] = RateStage(partition, self._ledger, self._book, self._clock)
        records = [record for record in contents if record is not None]
        if records:
            self._process(self._stages[partition], records)
        if len(records) < len(contents):
            self._stages[partition].give_up_open_legs()

    def _process(self, stage: RateStage, records: Sequence[Record]) -> None:
        messages = [LegMessage.decode(record.headers, record.value or b"") for record in records]
        outcome = stage.process(messages, records[-1].offset)
        if outcome.version is not None:
            self._measure(messages)

    def keep(self, partitions: Iterable[int]) -> None:
        """Close the stages of all other partitions: they belong to somebody else now."""
        for partition in self._stages.keys() - set(partitions):
            self._stages.pop(partition).close()

    def _measure(self, messages: Sequence[LegMessage]) -> None:
        received = [pc.min(message.cdrs.column("received_at")).as_py() for message in messages if len(message.cdrs)]
        if received:
            metrics.LATENCY.set((self._clock() - min(received)).total_seconds())
