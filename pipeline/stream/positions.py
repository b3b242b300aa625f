"""Where to read on: the ledger knows, for both kinds of topics, and only it."""

from collections.abc import Iterable
from threading import Lock

from faust.types import TP

from pipeline.ledger.marks import leg_mark, raw_mark
from pipeline.ledger.table import UsageLedger
from pipeline.settings import KafkaSettings
from pipeline.stream.topics import leg_topic


def raw_partition_name(partition: TP) -> str:
    """Name of a raw partition in marks and messages, such as `cdr.raw.sbc1-0`."""
    return f"{partition.topic}-{partition.partition}"


class LedgerPositions:
    """The next offset to read of any partition, by the marks of the ledger."""

    def __init__(self, ledger: UsageLedger, kafka: KafkaSettings) -> None:
        self._ledger = ledger.another_handle()
        self._leg_topic = leg_topic(kafka)
        self._leg_partitions = kafka.leg_partitions
        self._lock = Lock()

    def of(self, partitions: Iterable[TP]) -> dict[TP, int | None]:
        """The next offset of each partition; None where the ledger has not seen any. Raises LedgerUnavailable."""
        with self._lock:
            self._ledger.refresh()
            return {partition: self._next(partition) for partition in partitions}

    def _next(self, partition: TP) -> int | None:
        if partition.topic == self._leg_topic:
            mark = self._ledger.mark(leg_mark(partition.partition))
            return None if mark is None else mark + 1
        name = raw_partition_name(partition)
        marks = [self._ledger.mark(raw_mark(leg, name)) for leg in range(self._leg_partitions)]
        known = [mark for mark in marks if mark is not None]
        # Each raw batch reaches every partition of cdr.leg, so a mark that is missing has still to come.
        return min(known) + 1 if len(known) == len(marks) else None
