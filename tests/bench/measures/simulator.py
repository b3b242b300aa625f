"""How fast the simulator writes: native events, and every format with its truth table (processor time of one core)."""

import time
from collections.abc import Mapping
from pathlib import Path

from pipeline.simulator import Sbc, write_spool
from pipeline.simulator.writers import WRITERS
from tests.bench.measure import Measure
from tests.simulator.runs import a_world

CALLS = 1_000_000


def _native_to_files(folder: Path) -> Mapping[str, float]:
    """As it is used: one thread draws ahead, one writes."""
    world = a_world("bench", sbcs=[Sbc("edge", "native_json", "edge-1")], calls=CALLS)
    begun, spent = time.perf_counter(), time.process_time()
    result = write_spool(world, folder, None, lambda _: None)
    elapsed, spent = time.perf_counter() - begun, time.process_time() - spent
    return {"a second": result.records / elapsed, "a second of one core": result.records / spent}


def _with_truth(folder: Path) -> Mapping[str, float]:
    speeds = {}
    for name in WRITERS:
        world = a_world("bench", sbcs=[Sbc("edge", name, "edge-1")], calls=CALLS // 20, has_truth=True)
        begun = time.process_time()
        result = write_spool(world, folder / name, folder / f"{name}.parquet", lambda _: None)
        speeds[name] = result.records / (time.process_time() - begun)
    return speeds


MEASURES = (
    Measure("simulator, native events to files,", _native_to_files, "CDR/s", {"a second": 500_000}),
    Measure("simulator with truth table,", _with_truth, "CDR/s/core"),
)
