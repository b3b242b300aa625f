"""From files of native events to committed rows: framing, mediation, rating, duplicates, Delta commits."""

import logging
import time
from collections.abc import Mapping
from pathlib import Path

from pipeline.logs import configure_logs
from pipeline.settings import Settings
from pipeline.simulator import THREE_SBCS, Sbc, write_spool
from pipeline.sources.run import run_spool
from tests.bench.measure import Measure
from tests.simulator.runs import BOOK, NEVER_TOO_OLD, a_world

CALLS = 300_000


def _spool(folder: Path) -> Mapping[str, float]:
    native = [Sbc("edge", "native_json", "edge-1")]
    return {
        "of native events": _speed(folder / "native", native, CALLS),
        "of three formats": _speed(folder / "three", THREE_SBCS, CALLS // 5),
    }


def _speed(folder: Path, sbcs: "list[Sbc] | tuple[Sbc, ...]", calls: int) -> float:
    write_spool(a_world("bench", sbcs=sbcs, calls=calls, days=1), folder / "spool", None, lambda _: None)
    settings = Settings(
        ledger_url=str(folder / "ledger"), book_path=BOOK, spool_path=folder / "spool", late_days=NEVER_TOO_OLD,
        sources=tuple(sbc.settings for sbc in sbcs),
    )  # fmt: skip
    configure_logs(logging.WARNING)
    begun = time.perf_counter()
    report = run_spool(settings, once=True)
    return report.received / (time.perf_counter() - begun)


MEASURES = (Measure("spool to ledger", _spool, "CDR/s", {"of native events": 150_000}),)
