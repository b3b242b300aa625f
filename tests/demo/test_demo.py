"""`make demo` on a small scale: the script, in a folder of its own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """What a clone has, as far as the demos need it."""
    for name in ("data", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "kafka_broker.py", tmp_path / "tests")
    return tmp_path


def _run(script: str, workspace: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", f"examples/{script}"], cwd=workspace, capture_output=True, text=True, check=False, timeout=280,
        env=os.environ | {"PATH": path, "DEMO_PROFILE": "tiny"} | variables,
    )  # fmt: skip


def _check(done: "subprocess.CompletedProcess[str]", workspace: Path) -> None:
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    assert "records ended as the truth table says" in done.stdout
    assert re.search(r"charge", done.stdout)
    invoices = sorted((workspace / "demo" / "invoices").rglob("*.pdf"))
    assert 4 == len(invoices)
    assert all(path.read_bytes().startswith(b"%PDF") for path in invoices)
    assert str(invoices[0].relative_to(workspace)) in done.stdout


@pytest.mark.slow
def test_the_demo_ends_with_invoices(workspace: Path):
    """From simulated files to four invoices, and the ledger agrees with the truth."""
    _check(_run("demo.sh", workspace), workspace)


@pytest.mark.slow
def test_the_demo_fails_where_the_ledger_differs_from_the_truth(workspace: Path):
    """A record that vanishes between the SBC and the worker ends the demo with an error."""
    script = workspace / "examples" / "demo.sh"
    lose = 'sed -i 1d "$(ls demo/spool/edge-newyork/*.json | head -n 1)"\n'
    script.write_text(script.read_text().replace('step "The worker', f'{lose}\nstep "The worker'))
    done = _run("demo.sh", workspace)
    assert done.returncode == 1, done.stderr[-2000:]
    assert "differences between the ledger and" in done.stderr


@pytest.mark.slow
@pytest.mark.kafka
def test_the_demo_runs_through_kafka(workspace: Path, kafka: str):
    """Three raw topics, two workers, the same answers."""
    _check(_run("demo-kafka.sh", workspace, KAFKA_BOOTSTRAP_SERVERS=kafka), workspace)


def test_the_kafka_demo_says_what_is_missing(workspace: Path):
    """Without Java and Maven, and without an address."""
    programs = workspace / "programs"
    programs.mkdir()
    for name in ("bash", "rm", "mkdir"):
        (programs / name).symlink_to(shutil.which(name) or name)
    environment = {name: value for name, value in os.environ.items() if name != "KAFKA_BOOTSTRAP_SERVERS"}
    done = subprocess.run(
        ["bash", "examples/demo-kafka.sh"], cwd=workspace, env=environment | {"PATH": str(programs)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert 2 == done.returncode
    assert "java is missing" in done.stderr
    assert "KAFKA_BOOTSTRAP_SERVERS" in done.stderr
