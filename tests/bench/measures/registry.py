"""The registry's API under fifty clients, and how soon a change counts; server and worker are processes."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import yaml

from pipeline.ledger.table import UsageLedger
from tests.bench.measure import ROOT, Measure

CLIENTS = 50
SECONDS = 5.0
PORT = 8133
URL = f"http://127.0.0.1:{PORT}"
TRUNKS = "/calls/1/sip-trunks"
CHANGES = 5
TRUNKLINE = Path(sys.executable).with_name("trunkline")
_NEW = {"type": "REGISTERED", "name": "T", "channelLimit": 5, "billingPackage": {"packageType": "METERED"},
        "location": "FRANKFURT"}  # fmt: skip
_OPEN = dict.fromkeys(("reads", "trunk_writes", "route_writes", "simulations", "usage_queries"), 1_000_000)


def _api(folder: Path) -> Mapping[str, float]:
    with _serving(folder) as key:
        headers = {"Authorization": f"App {key}"}
        ids = [httpx.post(f"{URL}{TRUNKS}", json=_NEW, headers=headers).json()["id"] for _ in range(20)]
        reads = _load(headers, lambda number: ("GET", f"{TRUNKS}/{ids[number % len(ids)]}", None))
        writes = _load(headers, lambda _: ("POST", TRUNKS, json.dumps(_NEW)))
    return {
        "reads, 1/s": len(reads) / SECONDS, "read p99, ms": _p99(reads),
        "writes, 1/s": len(writes) / SECONDS, "write p99, ms": _p99(writes),
    }  # fmt: skip


def _load(headers: Mapping[str, str], ask: Callable[[int], tuple[str, str, str | None]]) -> list[float]:
    """Seconds that each request took, of fifty clients that ask as fast as they are answered."""
    took: list[float] = []
    until = time.perf_counter() + SECONDS

    def client(number: int) -> None:
        method, path, body = ask(number)
        http = HTTPConnection("127.0.0.1", PORT, timeout=60)
        while (begun := time.perf_counter()) < until:
            http.request(method, path, body, {**headers, "Content-Type": "application/json"})
            answer = http.getresponse()
            assert answer.status < 300, answer.read()
            answer.read()
            took.append(time.perf_counter() - begun)
        http.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def _p99(took: list[float]) -> float:
    return 1000 * sorted(took)[int(0.99 * len(took))]


def _change_to_call(folder: Path) -> float:
    """Seconds from the answer to POST until the first call of that trunk is a priced row, the slowest of some."""
    with _serving(folder) as key, _process(folder, "worker", "--spool"):
        ledger = UsageLedger.open(str(folder / "var" / "ledger"))
        took = []
        for number in range(1 + CHANGES):
            made = httpx.post(f"{URL}{TRUNKS}", json=_NEW, headers={"Authorization": f"App {key}"}).json()
            begun = time.perf_counter()
            _drop(folder, number, made["username"])
            while _rated(ledger) <= number:
                time.sleep(0.02)
            took.append(time.perf_counter() - begun)
    # The first one waits for the worker itself to start.
    return max(took[1:])


def _rated(ledger: UsageLedger) -> int:
    ledger.refresh()
    table = ledger.table.to_pyarrow_dataset().to_table(columns=["state"])
    return table.column("state").to_pylist().count("RATED")


def _drop(folder: Path, number: int, user_name: str) -> None:
    start = datetime.now(UTC)
    record = {
        "source_node": "sbc1", "leg_id": f"leg-{number}", "record_type": "STOP", "direction": "OUTBOUND",
        "user_name": user_name, "started_at": _text(start), "answered_at": _text(start),
        "released_at": _text(start + timedelta(seconds=61)), "calling_raw": "+493012345678",
        "called_raw": "+493023125000", "q850": 16,
    }  # fmt: skip
    (folder / "var" / "spool" / "sbc1" / f"{number}.json").write_text(json.dumps(record) + "\n")


def _text(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


_ROOM = {"trunks": 100_000, "trunks_per_location": 100_000}


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    """A server on SQLite in that folder; gives an App key of an account of the example book in Germany."""
    shutil.copytree(ROOT / "data" / "book", folder / "book")
    (folder / "var" / "spool" / "sbc1").mkdir(parents=True)
    settings: dict[str, Any] = {
        "late_days": 36_500, "registry_url": "sqlite:///var/registry.db",
        "registry": {"rate_limits": _OPEN, "account_limits": _ROOM},
        "sources": [{"name": "sbc1", "format": "native_json"}],
    }  # fmt: skip
    (folder / "trunkline.yaml").write_text(yaml.safe_dump(settings))
    command = [TRUNKLINE, "key", "create", "delta-werke", "--metered-plan", "metered-eu", "--json"]
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    with _process(folder, "registry", "serve", "--port", str(PORT)):
        while not _is_up():
            time.sleep(0.1)
        yield json.loads(made.stdout)["key"]


def _is_up() -> bool:
    try:
        return httpx.get(f"{URL}/health").is_success
    except httpx.HTTPError:
        return False


@contextmanager
def _process(folder: Path, *arguments: str) -> Iterator[None]:
    with (folder / f"{arguments[0]}.log").open("w") as log:
        process = subprocess.Popen(
            [TRUNKLINE, *arguments], cwd=folder, stdout=log, stderr=log,
            env={**os.environ, "TRUNKLINE_CONFIG": "trunkline.yaml"},
        )  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


MEASURES = [
    Measure(
        "registry, 50 clients,", _api, "",
        {"reads, 1/s": 300.0, "writes, 1/s": 100.0},
    ),
    Measure("registry, change to first call rated,", _change_to_call, "s", 5.0, "less"),
]  # fmt: skip
