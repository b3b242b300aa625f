"""A feed of native events with known results, and settings for a worker of its own topics and ledger."""

import json
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from kafka import KafkaProducer

from pipeline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "data" / "book"
START = datetime(2026, 10, 5, 12, tzinfo=UTC)
MANY_DAYS = 36_500


def worker_settings(folder: Path, servers: str, **changes: Any) -> Settings:
    """Settings for a worker with topics, group and ledger that nobody else uses, written to trunkline.yaml too."""
    name = f"t{uuid.uuid4().hex[:8]}"
    kafka = {"bootstrap_servers": servers, "group": name, "topic_prefix": f"{name}.", "raw_partitions": 2,
             "leg_partitions": 2}  # fmt: skip
    chosen: dict[str, Any] = {
        "ledger_url": str(folder / "ledger"), "book_path": str(BOOK), "late_days": MANY_DAYS, "flush_seconds": 0.2,
        "sources": [{"name": "sbc1", "format": "native_json"}],
    }  # fmt: skip
    chosen |= changes
    chosen["kafka"] = kafka | changes.get("kafka", {})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trunkline.yaml").write_text(yaml.safe_dump(chosen))
    return Settings(**chosen)


def an_event(number: int, **changes: Any) -> bytes:
    """An answered call of 61 seconds from the trunk acme-front-desk to Minneapolis; `number` makes it unique."""
    started = START + timedelta(milliseconds=7 * number)
    event = {
        "source_node": "sbc1-a", "leg_id": f"leg-{number}", "record_type": "STOP", "direction": "OUTBOUND",
        "claimed_trunk_id": "acme-front-desk", "calling_raw": "+16125550100",
        "called_raw": f"+1212555{number % 10_000:04}",
        "started_at": _text(started), "answered_at": _text(started + timedelta(seconds=5)),
        "released_at": _text(started + timedelta(seconds=66)), "ingress_call_id": f"call-{number}@198.18.10.1",
        "sip_status": 200, "q850": 16,
    }  # fmt: skip
    return json.dumps(event | changes).encode()


def ended_after(number: int, seconds: int) -> str:
    """Release time of a call that lasts so many seconds from its answer."""
    return _text(START + timedelta(milliseconds=7 * number, seconds=5 + seconds))


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def send(settings: Settings, values: Iterable[bytes], source: str = "sbc1") -> int:
    """Produce values to a source's topic, spread over its partitions; return how many."""
    producer = KafkaProducer(bootstrap_servers=settings.kafka.bootstrap_servers, linger_ms=5)
    count = 0
    for count, value in enumerate(values, start=1):
        partition = count % settings.kafka.raw_partitions
        producer.send(f"{settings.kafka.topic_prefix}cdr.raw.{source}", value, partition=partition)
    producer.flush()
    producer.close()
    return count


def events(numbers: Iterable[int]) -> Iterator[bytes]:
    """One event for each number."""
    return (an_event(number) for number in numbers)
