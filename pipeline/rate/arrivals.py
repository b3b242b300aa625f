"""What of the messages in hand is new, according to the marks of the ledger."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.columns import joined
from pipeline.mediation.restarts import Restart
from pipeline.stream.messages import LegMessage
from schemas.cdr import CDR_SCHEMA


class Gap(NamedTuple):
    """Offsets of a raw partition that no message covered: something was lost between mediation and here."""

    raw_partition: str
    first: int
    upto: int


class Arrivals(NamedTuple):
    """The new records of some messages, and how far they reach."""

    cdrs: pa.RecordBatch
    upto: dict[str, int]
    """For each raw partition of the messages that were not dropped, the last offset covered."""
    messages_dropped: int
    gaps: list[Gap]
    restarts: Sequence[Restart] = ()
    """Nodes that restarted, as the new messages tell."""


def new_arrivals(messages: Sequence[LegMessage], seen: Callable[[str], int | None]) -> Arrivals:
    """Drop what the ledger has: messages and records at or below the mark `seen(raw_partition)`.

    A range that begins after its mark + 1 is a gap; without a mark any beginning is right.
    """
    batches, gaps, dropped = [], [], 0
    upto: dict[str, int] = {}
    restarts: list[Restart] = []
    for message in messages:
        mark = upto.get(message.raw_partition, seen(message.raw_partition))
        if mark is not None and message.upto <= mark:
            dropped += 1
            continue
        if mark is not None and message.first > mark + 1:
            gaps.append(Gap(message.raw_partition, mark + 1, message.first - 1))
        batches.append(_after(mark, message))
        restarts += (restart for restart in message.restarts if mark is None or restart.offset > mark)
        upto[message.raw_partition] = message.upto
    return Arrivals(_joined(batches), upto, dropped, gaps, restarts)


def _after(mark: int | None, message: LegMessage) -> pa.RecordBatch:
    if mark is None or message.first > mark:
        return message.cdrs
    return message.cdrs.filter(pc.greater(message.cdrs.column("offset"), mark))


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return joined(batches) if batches else pa.RecordBatch.from_pylist([], CDR_SCHEMA)
