"""`trunkline registry serve` and `publish` as processes: several on one port, killed, without a broker."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from pipeline.registry.database import Database
from pipeline.registry.feeds import DatabaseFeed
from pipeline.registry.settings import RegistrySettings
from pipeline.registry.store.desk import Registry
from pipeline.registry.store.keys import create_key, open_account
from tests.registry.servers import BACKENDS

TRUNKLINE = Path(sys.executable).with_name("trunkline")
TRUNKS = "/calls/1/sip-trunks"
NEW = {"type": "REGISTERED", "name": "T", "channelLimit": 5, "billingPackage": {"packageType": "METERED"}}
MANY = 1_000_000


@pytest.fixture(params=BACKENDS)
def url(request: pytest.FixtureRequest) -> str:
    """A migrated database."""
    make: Callable[[], str] = request.getfixturevalue(f"{request.param}_maker")
    return make()


def _key(url: str) -> str:
    database = Database(url)
    registry = Registry(database, RegistrySettings())
    open_account(registry, "acme")
    key = create_key(registry, "acme", "test").key
    database.close()
    return key


def _settings(folder: Path, url: str, **registry: Any) -> None:
    limits = {"reads": MANY, "trunk_writes": MANY} | registry.pop("rate_limits", {})
    room = {"trunks": 10_000, "trunks_per_location": 10_000}
    settings = {"registry_url": url, "registry": {"rate_limits": limits, "account_limits": room} | registry}
    (folder / "trunkline.yaml").write_text(yaml.safe_dump(settings))


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def _serving(folder: Path, port: int, *options: str) -> Iterator["subprocess.Popen[bytes]"]:
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [TRUNKLINE, "registry", "serve", "--port", str(port), *options], cwd=folder, stdout=log, stderr=log,
            env=os.environ | {"TRUNKLINE_CONFIG": "trunkline.yaml"}, start_new_session=True,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 100
        while time.monotonic() < deadline and not _is_up(port):
            time.sleep(0.1)
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def _is_up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health").is_success
    except httpx.HTTPError:
        return False


@pytest.mark.slow
def test_processes_on_one_port_share_a_keys_limit_and_end_together(tmp_path: Path, url: str) -> None:
    """Two processes, new connections for every request: ten pass, whoever gets them. SIGTERM ends both."""
    _settings(tmp_path, url, rate_limits={"reads": 10})
    headers = {"Authorization": f"App {_key(url)}", "Connection": "close"}
    port = _free_port()
    with _serving(tmp_path, port, "--processes", "2") as server:
        began = time.monotonic()
        asked = [httpx.get(f"http://127.0.0.1:{port}{TRUNKS}", headers=headers).status_code for _ in range(30)]
        grown = int((time.monotonic() - began) / 6) + 1
        server.terminate()
        server.wait(60)
    passed = Counter(asked)
    assert {200, 429} == set(passed), (tmp_path / "server.log").read_text()
    assert 10 <= passed[200] <= 10 + grown
    assert not _is_up(port)


@pytest.mark.slow
def test_a_killed_server_loses_nothing_that_it_acknowledged(tmp_path: Path, url: str) -> None:
    """SIGKILL under eight writers; after the next start every acknowledged trunk is there, in the book's feed too."""
    _settings(tmp_path, url)
    headers, port = {"Authorization": f"App {_key(url)}"}, _free_port()
    acknowledged: list[str] = []

    def write() -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as http:
            while True:
                try:
                    acknowledged.append(http.post(TRUNKS, json=NEW).json()["id"])
                except httpx.HTTPError:
                    return

    for _ in range(2):
        with _serving(tmp_path, port) as server:
            before = len(acknowledged)
            threads = [threading.Thread(target=write) for _ in range(8)]
            for thread in threads:
                thread.start()
            deadline = time.monotonic() + 60
            while len(acknowledged) < before + 20 and time.monotonic() < deadline:
                time.sleep(0.01)
            server.send_signal(signal.SIGKILL)
            for thread in threads:
                thread.join()
    with _serving(tmp_path, port):
        found = {
            trunk["id"]
            for page in range(100)
            for trunk in httpx.get(
                f"http://127.0.0.1:{port}{TRUNKS}?size=100&page={page}", headers=headers, timeout=60
            ).json()["results"]
        }  # fmt: skip
    assert len(acknowledged) >= 40
    assert set(acknowledged) <= found
    database = Database(url)
    content = DatabaseFeed(database).news()
    assert content is not None
    assert found == {historic.trunk.trunk_id for historic in content.trunks}
    database.close()


def test_a_publisher_without_a_broker_ends_with_3(tmp_path: Path, sqlite_maker: Callable[[], str]) -> None:
    """After the time that it is given, with the address and what to do; with --once after one try."""
    _settings(tmp_path, sqlite_maker())
    environment = os.environ | {
        "TRUNKLINE_CONFIG": "trunkline.yaml",
        "TRUNKLINE_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:9",
    }
    for options in (["--give-up", "1"], ["--once"]):
        done = subprocess.run(
            [TRUNKLINE, "registry", "publish", *options], cwd=tmp_path, env=environment, capture_output=True, text=True,
            check=False, timeout=100,
        )  # fmt: skip
        assert 3 == done.returncode, done.stderr
        assert "127.0.0.1:9 did not answer" in done.stderr
        assert "Check kafka.bootstrap_servers" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_said(tmp_path: Path, sqlite_maker: Callable[[], str]) -> None:
    """Exit code 3, and no traceback."""
    _settings(tmp_path, sqlite_maker())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [TRUNKLINE, "registry", "serve", "--port", str(taken.getsockname()[1])], cwd=tmp_path, capture_output=True,
            text=True, check=False, timeout=100, env=os.environ | {"TRUNKLINE_CONFIG": "trunkline.yaml"},
        )  # fmt: skip
    assert 3 == done.returncode, done.stderr
    assert "in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_json_lines_of_a_command_are_alone_on_stdout(tmp_path: Path, sqlite_maker: Callable[[], str]) -> None:
    """What is logged goes to stderr."""
    _settings(tmp_path, sqlite_maker())
    done = subprocess.run(
        [TRUNKLINE, "key", "create", "acme", "--json"], cwd=tmp_path, capture_output=True, text=True, check=True,
        env=os.environ | {"TRUNKLINE_CONFIG": "trunkline.yaml"},
    )  # fmt: skip
    (line,) = done.stdout.splitlines()
    assert {"key_id", "key"} == set(json.loads(line))
