"""A spool of native JSON events, as an SBC would write them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.settings import KafkaSettings, Settings, Source

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
SBC1 = Source(name="sbc1", format="native_json")


def settings_in(folder: Path, **changes: Any) -> Settings:
    """Settings of a ledger with two partitions and a spool in this folder."""
    known = {
        "ledger_url": str(folder / "ledger"),
        "spool_path": folder / "spool",
        "kafka": KafkaSettings(leg_partitions=2),
        "sources": (SBC1,),
    }
    return Settings(**(known | changes))


def event(number: int, **fields: Any) -> bytes:
    """A native event of a call of 61 s from trunk t1 to Germany, one line."""
    start = NOON + timedelta(seconds=number)
    known = {
        "source_node": "sbc1a", "leg_id": f"leg-{number}", "record_type": "STOP", "direction": "OUTBOUND",
        "claimed_trunk_id": "t1", "started_at": _text(start), "answered_at": _text(start + timedelta(seconds=5)),
        "released_at": _text(start + timedelta(seconds=66)), "calling_raw": "+493012345678",
        "called_raw": "+493023125000", "q850": 16,
    }  # fmt: skip
    return json.dumps(known | fields).encode() + b"\n"


def _text(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def drop(settings: Settings, name: str, content: bytes, source: str = "sbc1") -> Path:
    """Put a file into the spool."""
    folder = settings.spool_path / source
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return path
