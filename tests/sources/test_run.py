"""The spool worker as a process: what it says, how it ends, and what it does when the book changes."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
import yaml
from deltalake import write_deltalake

from pipeline.ledger.table import UsageLedger
from tests.rate.calls import current_states, rows
from tests.sources.feeds import event

ROOT = Path(__file__).resolve().parents[2]
TRUNKLINE = Path(sys.executable).with_name("trunkline")


@pytest.fixture
def workspace(tmp_path) -> Path:
    """A folder with a book, settings of one source, and an empty spool."""
    shutil.copytree(ROOT / "data" / "book", tmp_path / "book")
    (tmp_path / "var" / "spool" / "sbc1").mkdir(parents=True)
    settings = {"late_days": 36_500, "sources": [{"name": "sbc1", "format": "native_json"}]}
    (tmp_path / "trunkline.yaml").write_text(yaml.safe_dump(settings))
    return tmp_path


def run(workspace: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([TRUNKLINE, *arguments], cwd=workspace, capture_output=True, text=True, check=False)


def drop(workspace: Path, content: bytes, name: str = "cdr.json") -> None:
    (workspace / "var" / "spool" / "sbc1" / name).write_bytes(content)


def ledger_of(workspace: Path) -> UsageLedger:
    return UsageLedger.open(str(workspace / "var" / "ledger"))


def wait_until(condition, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the worker did not come that far in time"
        time.sleep(0.2)


def test_once_reads_all_and_says_what_came_of_it(workspace):
    """Counts as JSON for scripts; a second run finds nothing."""
    drop(workspace, event(1, claimed_trunk_id="delta-berlin") + event(2, claimed_trunk_id="nobody") + b"?\n")
    first, second = (run(workspace, "worker", "--spool", "--once", "--json") for _ in range(2))
    assert (0, 0) == (first.returncode, second.returncode), first.stderr
    counted = json.loads(first.stdout)
    assert (3, 1, 2, 1) == tuple(counted[name] for name in ("received", "rated", "rejected", "files"))
    assert 0 == json.loads(second.stdout)["received"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "trunkline.yaml").write_text("late_days: 5\n"), "No source is configured"),
        (lambda folder: shutil.rmtree(folder / "var" / "spool"), "is not there. Make it"),
        (lambda folder: shutil.rmtree(folder / "book"), "book"),
        (lambda folder: (folder / "book" / "decks" / "us-outbound.csv").unlink(), "us-outbound"),
    ],
    ids=["no-source", "no-spool", "no-book", "a-missing-deck"],
)
def test_what_is_missing_is_said_in_a_sentence(workspace, change, message):
    """Exit code 2, no traceback, what to do."""
    change(workspace)
    done = run(workspace, "worker", "--spool", "--once")
    assert 2 == done.returncode
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_ledger_of_another_version_is_refused(workspace):
    """Exit code 3: the folder holds a table that this version did not write."""
    write_deltalake(str(workspace / "var" / "ledger" / "usage"), pa.table({"x": [1]}))
    done = run(workspace, "worker", "--spool", "--once")
    assert 3 == done.returncode
    assert "has format none" in " ".join(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--once"], ["--spool", "--only", "rate"]])
def test_options_that_do_not_go_together(workspace, arguments):
    """Kafka has no end, and the spool runs both stages."""
    assert 2 == run(workspace, "worker", *arguments).returncode


def test_a_running_worker_follows_files_and_the_book(workspace):
    """New lines are rows within seconds; rejects of a trunk that is registered later are rated; SIGTERM ends it."""
    drop(workspace, event(1, claimed_trunk_id="late-trunk"))
    process = subprocess.Popen(
        [TRUNKLINE, "worker", "--spool"], cwd=workspace, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        wait_until(lambda: (workspace / "var" / "ledger" / "usage").is_dir() and len(rows(ledger_of(workspace))) == 1)
        trunks = workspace / "book" / "trunks.yaml"
        text = trunks.read_text().replace("trunk_id: delta-berlin", "trunk_id: late-trunk")
        trunks.write_text(text)
        wait_until(lambda: "RATED" in current_states(ledger_of(workspace)).values())
        drop(workspace, event(2, claimed_trunk_id="late-trunk"), "more.json")
        wait_until(lambda: len(rows(ledger_of(workspace))) == 3)
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    assert 0 == process.returncode, errors
    assert Counter(RATED=2) == Counter(current_states(ledger_of(workspace)).values())
    assert b"unknown_trunks_replayed" in errors
