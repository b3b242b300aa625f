"""A month of simulated calls of all formats and faults through a worker that is killed at seeded moments."""

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import yaml

from pipeline.ledger.table import UsageLedger
from pipeline.simulator import write_spool
from pipeline.simulator.audit import Audit, audit_ledger
from pipeline.sql.connection import connect_to
from tests.simulator.runs import BOOK, NEVER_TOO_OLD, a_world, all_nodes

TRUNKLINE = Path(sys.executable).with_name("trunkline")
KILLS = 3
SECONDS_A_MILLION = 200
"""About how long a worker rates a million records: the kills fall within it."""


class Month(NamedTuple):
    """What a run is made of; the same seed gives the same records and the same moments."""

    seed: int
    calls: int
    kills: int = KILLS
    profile: str = "month"
    batch_rows: int = 200_000


def run_month(folder: Path, month: Month, say: Callable[[str], None]) -> Audit:
    """Simulate, rate with kills, compare the ledger with the truth."""
    nodes = all_nodes()
    world = a_world(month.profile, sbcs=nodes, seed=month.seed, calls=month.calls)
    written = write_spool(world, folder / "var" / "spool", folder / "truth.parquet", lambda _: None)
    say(f"{written.records} records of {written.calls} calls in {written.files} files")
    settings = {
        "book_path": str(BOOK), "late_days": NEVER_TOO_OLD, "batch_rows": month.batch_rows,
        "sources": [sbc.settings.model_dump(mode="json", exclude={"dial_plan"}) for sbc in nodes],
    }  # fmt: skip
    (folder / "trunkline.yaml").write_text(yaml.safe_dump(settings))
    for seconds in _moments(month, written.records):
        _rate(folder, seconds)
        say(f"killed after {seconds:.1f} s")
    _rate(folder, None)
    ledger = UsageLedger.open(str(folder / "var" / "ledger"))
    return audit_ledger(connect_to(ledger), folder / "truth.parquet")


def _moments(month: Month, records: int) -> list[float]:
    """Seconds from each start of the worker to its kill: from its first steps to a part of the whole."""
    dice = random.Random(month.seed)  # noqa: S311 - the moments must follow from the seed
    longest = max(4.0, records * SECONDS_A_MILLION / 1_000_000 / (month.kills + 1))
    return [dice.uniform(1.0, longest) for _ in range(month.kills)]


def _rate(folder: Path, seconds: float | None) -> None:
    """Let a worker rate what is left, and kill it after so many seconds; without them it must end well."""
    command = [TRUNKLINE, "worker", "--spool", "--once", "--json"]
    with (folder / "worker.log").open("ab") as log:
        worker = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            worker.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
            return
    assert worker.returncode == 0, (folder / "worker.log").read_text(errors="replace")[-2_000:]
