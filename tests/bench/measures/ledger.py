"""How long a commit takes after 200 and after 20,000 commits, while the ledger compacts itself beside it."""

import os
import statistics
import time
from collections.abc import Mapping
from pathlib import Path

from pipeline.ledger.compaction import BackgroundCompaction
from pipeline.ledger.table import UsageLedger
from tests.bench.measure import Measure
from tests.ledger.rows import a_row, a_table

COMMITS = int(os.environ.get("BENCH_COMMITS", "20000"))
EARLY = 200
SAMPLE = 200
"""One round of the compaction: a commit takes longer the more files came since the last one."""


def _commit_ms(folder: Path) -> Mapping[str, float]:
    """Median of two hundred commits of one row at either time."""
    ledger = UsageLedger.open(str(folder / "ledger"))
    compaction = BackgroundCompaction(ledger)
    spent = []
    for number in range(COMMITS + SAMPLE):
        rows = a_table(a_row(number))
        begun = time.perf_counter()
        ledger.refresh()
        ledger.append(rows, {"cdr.leg-0": number})
        spent.append((time.perf_counter() - begun) * 1_000)
        compaction.start_if_due(len(ledger.files()))
    compaction.wait()
    early, late = statistics.median(spent[EARLY : EARLY + SAMPLE]), statistics.median(spent[-SAMPLE:])
    return {f"after {EARLY} commits": early, f"after {COMMITS} commits": late, "ratio": late / early}


MEASURES = (Measure("commit", _commit_ms, "ms", {"ratio": 1.5}, "less"),)
