"""How fast mediation reads each format on one core, by processor time: bytes to canonical CDRs in Arrow."""

import io
import time
from collections.abc import Mapping
from pathlib import Path

from pipeline.mediation.batch import mediate
from pipeline.mediation.raw import RawBatch
from pipeline.mediation.registry import format_named
from pipeline.simulator import Sbc, write_spool
from pipeline.simulator.writers import WRITERS
from tests.bench.measure import Measure
from tests.simulator.runs import NEVER_TOO_OLD, RECEIVED, a_world

CALLS = 60_000
GOALS = {
    "native_json": 400_000, "freeswitch_json": 200_000, "asterisk_csv": 200_000, "oracle_csv": 60_000,
    "ribbon_act": 40_000, "radius_text": 40_000,
}  # fmt: skip


def _speeds(folder: Path) -> Mapping[str, float]:
    return {name: _speed(name, folder / name) for name in WRITERS}


def _speed(name: str, folder: Path) -> float:
    """The better of two runs over the same records; warming up is not measured."""
    sbc = Sbc("edge", name, "edge-1")
    write_spool(a_world("bench", sbcs=[sbc], calls=CALLS), folder, None, lambda _: None)
    frames = format_named(name).frames
    content = b"".join(path.read_bytes() for path in sorted((folder / "edge").iterdir()))
    values = [frame.value for frame in frames(io.BytesIO(content))]
    raw = RawBatch("edge", range(len(values)), values, [RECEIVED] * len(values))
    mediate(
        raw._replace(offsets=raw.offsets[:100], values=values[:100], received_at=raw.received_at[:100]), sbc.settings
    )
    return max(_once(raw, sbc) for _ in range(2))


def _once(raw: RawBatch, sbc: Sbc) -> float:
    begun = time.process_time()
    mediate(raw, sbc.settings, late_days=NEVER_TOO_OLD)
    return len(raw.values) / (time.process_time() - begun)


MEASURES = (Measure("decode", _speeds, "CDR/s/core", GOALS),)
