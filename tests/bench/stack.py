"""Apache Kafka, topics and workers for a measure, and what can be seen of the ledger meanwhile."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from zlib import crc32

import duckdb
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from pipeline.settings import KafkaSettings, Settings
from pipeline.simulator import Sbc
from pipeline.stream.topics import create_topics
from tests.bench.measure import ROOT, Skipped
from tests.kafka_broker import KafkaUnavailable, running_broker
from tests.simulator.runs import BOOK, NEVER_TOO_OLD

PARTITIONS = 4
SOURCE = "edge"
WAIT_SECONDS = 300


def nodes() -> list[Sbc]:
    """Four nodes of one feed, one for each partition of its topic."""
    names = (f"edge-{number}" for number in range(1_000))
    of_partition = {}
    for name in names:
        of_partition.setdefault(crc32(name.encode()) % PARTITIONS, name)
    return [Sbc(SOURCE, "native_json", of_partition[partition]) for partition in range(PARTITIONS)]


class Stack:
    """One feed through Kafka into a ledger of its own."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.kafka = KafkaSettings(bootstrap_servers=address, raw_partitions=PARTITIONS, leg_partitions=PARTITIONS)
        self.ledger_url = folder / "ledger"
        self.ledger = self.ledger_url / "usage"
        """The Delta table of the rows."""
        self._config = folder / "trunkline.yaml"
        self._config.write_text(
            f"ledger_url: {self.ledger_url}\nbook_path: {BOOK}\nlate_days: {NEVER_TOO_OLD}\n"
            f"kafka: {{bootstrap_servers: '{address}', raw_partitions: {PARTITIONS}, leg_partitions: {PARTITIONS}}}\n"
            f"sources: [{{name: {SOURCE}, format: native_json, node: edge}}]\n"
        )
        settings = Settings(kafka=self.kafka, sources=tuple(sbc.settings for sbc in nodes()[:1]))
        create_topics(settings)

    @contextlib.contextmanager
    def process(self, *command: str) -> Iterator["subprocess.Popen[bytes]"]:
        """A process that is asked to end with the context."""
        environment = os.environ | {"TRUNKLINE_CONFIG": str(self._config), "FAUST_FOLDER": str(self.folder / "faust"),
                                    "PYTHONPATH": str(ROOT)}  # fmt: skip
        with (self.folder / "process.log").open("ab") as log:
            running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
            try:
                yield running
            finally:
                running.send_signal(signal.SIGTERM)
                try:
                    running.wait(15)
                except subprocess.TimeoutExpired:
                    running.kill()
                    running.wait()

    def worker(self) -> "contextlib.AbstractContextManager[subprocess.Popen[bytes]]":
        """`trunkline worker`, both stages."""
        return self.process(str(Path(sys.executable).parent / "trunkline"), "worker")

    def rows(self) -> int:
        """Rows of the ledger, by the statistics of its log."""
        with contextlib.suppress(TableNotFoundError):
            actions = DeltaTable(str(self.ledger)).get_add_actions(flatten=True)
            return sum(actions.column(actions.schema.get_field_index("num_records")).to_pylist())
        return 0

    def wait_for(self, is_there: Callable[[], bool]) -> None:
        """Ask four times a second; the log of the process says what is wrong when it takes too long."""
        until = time.monotonic() + WAIT_SECONDS
        while not is_there():
            if time.monotonic() > until:
                raise Skipped(f"nothing more came: {(self.folder / 'process.log').read_text()[-500:]}")
            time.sleep(0.25)

    def steady_speed(self) -> float:
        """Rows a second between the commits that brought the first and the last fifth, by the clock of the log.

        At both times about as much is in hand, so nothing is counted that was read before or left for later.
        """
        rows, at = 0, []
        for entry in sorted((self.ledger / "_delta_log").glob("*.json")):
            actions = [json.loads(line) for line in entry.read_text().splitlines()]
            added = [action["add"] for action in actions if action.get("add", {}).get("dataChange")]
            rows += sum(json.loads(file["stats"])["numRecords"] for file in added)
            at += [(rows, action["commitInfo"]["timestamp"]) for action in actions if "commitInfo" in action]
        (low, begun), (high, ended) = (next(x for x in at if x[0] >= share * rows) for share in (0.2, 0.8))
        return 1_000 * (high - low) / (ended - begun)

    def latencies_ms(self) -> list[float]:
        """For each row the time from its arrival in Kafka to the commit that made it visible."""
        added = []
        for entry in sorted((self.ledger / "_delta_log").glob("*.json")):
            actions = [json.loads(line) for line in entry.read_text().splitlines()]
            committed = next(action["commitInfo"]["timestamp"] for action in actions if "commitInfo" in action)
            names = [action["add"]["path"] for action in actions if action.get("add", {}).get("dataChange")]
            added += [(str(self.ledger / name), committed) for name in names if (self.ledger / name).is_file()]
        found: list[float] = []
        for name, committed in added:
            query = f"SELECT ? - epoch_us(received_at) / 1000 FROM read_parquet('{name}') WHERE partition IS NOT NULL"  # noqa: S608
            found += [latency for (latency,) in duckdb.execute(query, [committed]).fetchall()]
        return found


@contextlib.contextmanager
def stack(folder: Path) -> Iterator[Stack]:
    """A broker and a stack on it. Skipped where there is no Kafka."""
    try:
        with running_broker() as address:
            yield Stack(folder, address)
    except KafkaUnavailable as problem:
        raise Skipped(str(problem)) from problem


def peak_memory_mb(process: "subprocess.Popen[bytes]") -> float:
    """The most memory that a process has had (VmHWM)."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1_024


def processor_seconds(process: "subprocess.Popen[bytes]") -> float:
    """The processor time that a process has used, in its own code and in the system's (proc(5), utime and stime)."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
