"""The mediate stage: what leaves it for each partition of cdr.leg, in which pieces and in which order."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from faust.types import TP

from pipeline.stream import mediation
from pipeline.stream.mediation import Mediation, raw_batch, raw_parcels
from pipeline.stream.messages import LegMessage
from tests.stream.feed import an_event, worker_settings

RAW = TP("cdr.raw.sbc1", 1)
STAMP = 1_791_201_600_123
"""2026-10-05T12:00:00.123Z: 1,791,201,600 seconds after 1970."""


class Fetched(NamedTuple):
    """A record as the Kafka client gives it."""

    offset: int
    value: bytes | None
    timestamp: int | None = STAMP
    headers: Sequence[tuple[str, bytes]] = ()


def fetched(count: int, first: int = 7) -> list[Fetched]:
    return [Fetched(first + number, an_event(number)) for number in range(count)]


@pytest.fixture
def stage(tmp_path: Path) -> Mediation:
    """Mediation into two partitions; what it sends is not looked at."""
    settings = worker_settings(tmp_path, "127.0.0.1:1", kafka={"topic_prefix": ""})
    return Mediation(settings, lambda *_: pytest.fail("nothing is sent here"))


def read(messages: Sequence[tuple[list[Any], bytes]]) -> list[LegMessage]:
    return [LegMessage.decode(headers, value) for headers, value in messages]


def test_each_partition_gets_the_whole_range(stage: Mediation, tmp_path: Path) -> None:
    """A single call fills one partition; the other one gets an empty message with the same range."""
    source = worker_settings(tmp_path, "").sources[0]
    messages = read(stage.messages(source, RAW, fetched(1)))
    assert [("cdr.raw.sbc1-1", 7, 7)] * 2 == [
        (message.raw_partition, message.first, message.upto) for message in messages
    ]
    assert [0, 1] == sorted(message.cdrs.num_rows for message in messages)


def test_what_is_sent_again_is_the_same(stage: Mediation, tmp_path: Path) -> None:
    """The same records give the same messages, byte by byte: the marks can drop them."""
    source = worker_settings(tmp_path, "").sources[0]
    assert stage.messages(source, RAW, fetched(50)) == stage.messages(source, RAW, fetched(50))


def test_a_fetch_is_cut_by_records_and_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No part has more than three records or, unless it is a single one, more than 100 bytes; nothing is left out."""
    monkeypatch.setattr(mediation, "BATCH_RECORDS", 3)
    monkeypatch.setattr(mediation, "BATCH_BYTES", 100)
    sizes = [10, 10, 10, 10, 60, 60, 500, 1]
    records = [Fetched(offset, b"x" * size) for offset, size in enumerate(sizes)]
    parts = [[record.offset for record in parcel.content] for parcel in raw_parcels(records)]
    assert [[0, 1, 2], [3, 4], [5], [6], [7]] == parts
    assert len(sizes) == sum(parcel.rows for parcel in raw_parcels(records))


def test_arrival_is_the_time_of_the_topic() -> None:
    """Milliseconds since 1970 become UTC; a record without a value is an empty one."""
    raw = raw_batch(RAW, [Fetched(7, None)])
    assert [b""] == list(raw.values)
    assert [datetime(2026, 10, 5, 12, 0, 0, 123_000, UTC)] == list(raw.received_at)
    assert ("cdr.raw.sbc1-1", [7]) == (raw.partition, list(raw.offsets))


def test_small_fetches_that_wait_become_one_batch(tmp_path: Path) -> None:
    """Three fetches of a record each are one message for each partition, from the first offset to the last."""
    sent: list[LegMessage] = []

    async def send(_: str, __: None, value: bytes, ___: int, ____: None, headers: Any) -> Awaitable[None]:
        sent.append(LegMessage.decode(headers, value))
        return asyncio.sleep(0)

    settings = worker_settings(tmp_path, "127.0.0.1:1", kafka={"topic_prefix": ""})
    asyncio.run(Mediation(settings, send).work(RAW, [fetched(1), fetched(1, first=8), fetched(1, first=9)]))
    assert [("cdr.raw.sbc1-1", 7, 9)] * 2 == [message[:3] for message in sent]
    assert 3 == sum(message.cdrs.num_rows for message in sent)


def test_batches_wait_for_all_acknowledgements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second batch of a raw partition is not sent before the first one is acknowledged in every partition."""
    monkeypatch.setattr(mediation, "BATCH_RECORDS", 1)
    events: list[tuple[str, int]] = []

    async def acknowledged(partition: int) -> None:
        await asyncio.sleep(0.02 * partition)
        events.append(("acknowledged", partition))

    async def send(_: str, __: None, ___: bytes, partition: int, *____: object) -> Awaitable[None]:
        events.append(("sent", partition))
        return acknowledged(partition)

    settings = worker_settings(tmp_path, "127.0.0.1:1", kafka={"topic_prefix": ""})
    stage = Mediation(settings, send)
    asyncio.run(stage.work(RAW, [fetched(1), fetched(1, first=8)]))
    once = [("sent", 0), ("sent", 1), ("acknowledged", 0), ("acknowledged", 1)]
    assert once + once == events
