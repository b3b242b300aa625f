"""Workers as processes of their own, as an operator runs them, and what the ledger says meanwhile."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.ledger.table import UsageLedger
from pipeline.settings import Settings
from schemas.ledger import USAGE_SCHEMA

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60


TRUNKLINE = [sys.executable, "-c", "from pipeline.cli import main; main()"]
"""The console command, of this checkout."""


def environment() -> dict[str, str]:
    """The environment of such a process."""
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}


def run_command(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of `trunkline` in a folder with its trunkline.yaml."""
    return subprocess.run(
        [*TRUNKLINE, *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


class WorkerProcess:
    """`trunkline worker` in a process; a context that leaves none behind."""

    def __init__(self, folder: Path, *arguments: str, name: str = "worker", kilobytes_max: int | None = None) -> None:
        self._folder = folder
        self.log = folder / f"{name}.log"
        command = [*TRUNKLINE, "worker", *arguments]
        if kilobytes_max:  # what a full disk is, to a process that may run as root
            command = ["bash", "-c", f'ulimit -f {kilobytes_max}; exec "$@"', "bash", *command]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command, cwd=folder, stdout=out, stderr=subprocess.STDOUT, env=environment()
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()

    def send_signal(self, name: signal.Signals) -> None:
        """Send it a signal if it lives."""
        if self.process.poll() is None:
            self.process.send_signal(name)

    def end(self, seconds: float = 15) -> int:
        """SIGTERM; the exit code, once it has ended."""
        self.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"still alive {seconds} s after SIGTERM:\n{self.text[-3000:]}") from error

    def wait_for(self, text: str, seconds: float = PATIENCE_SECONDS) -> str:
        """Wait until its log contains a text; the log."""
        wait_until(lambda: text in self.text, seconds, lambda: f"no {text!r} in:\n{self.text[-3000:]}")
        return self.text

    @property
    def text(self) -> str:
        """All that it has printed."""
        return self.log.read_text(errors="replace")


def wait_until(is_so: Callable[[], bool], seconds: float, problem: Callable[[], str] = lambda: "it did not") -> None:
    """Wait for something to become so, or fail."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, problem()
        time.sleep(0.1)


def rows(settings: Settings, *columns: str) -> pa.Table:
    """Columns of all rows of the ledger as it is now."""
    files = UsageLedger.open(settings.ledger_url, settings.storage_options).files()
    wanted = list(columns or ("cdr_id", "state", "charge"))
    schema = pa.schema([USAGE_SCHEMA.field(name) for name in wanted])
    found = [pq.read_table(file, columns=wanted).cast(schema) for file in files]
    return pa.concat_tables([schema.empty_table(), *found])


def states(settings: Settings) -> Counter[str]:
    """Rows by what became of them."""
    return Counter(rows(settings, "state").column("state").to_pylist())


def wait_for_rows(settings: Settings, count: int, seconds: float = PATIENCE_SECONDS, *workers: WorkerProcess) -> None:
    """Wait until the ledger has that many rows."""
    wait_until(
        lambda: sum(states(settings).values()) >= count, seconds,
        lambda: f"{states(settings)} of {count}\n" + "\n".join(worker.text[-2000:] for worker in workers),
    )  # fmt: skip
