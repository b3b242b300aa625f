"""The ledger against the truth: rates simulated files as the worker does, then looks for differences."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipeline.ledger.table import UsageLedger
from pipeline.settings import Settings
from pipeline.simulator import THREE_SBCS, Sbc
from pipeline.simulator.audit import audit_ledger
from pipeline.simulator.truth import LOST, SKIPPED
from pipeline.sources.run import run_spool
from pipeline.sql.connection import connect_to
from tests.simulator.runs import BOOK, a_world, written_run

LATE_DAYS = 3_660


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, UsageLedger]:
    """One of each fault that there is, rated from the spool."""
    folder = tmp_path_factory.mktemp("audit")
    written_run(a_world("faults", seed=3), folder)
    return folder, _rate(folder, THREE_SBCS)


def _rate(folder: Path, sbcs: Sequence[Sbc]) -> UsageLedger:
    settings = Settings(
        ledger_url=str(folder / "ledger"), book_path=BOOK, spool_path=folder / "spool", late_days=LATE_DAYS,
        sources=tuple(sbc.settings for sbc in sbcs),
    )  # fmt: skip
    run_spool(settings, once=True)
    return UsageLedger.open(settings.ledger_url)


def _tampered(folder: Path, truth: pa.Table) -> Path:
    path = folder / "tampered.parquet"
    pq.write_table(truth, path)
    return path


def test_every_record_ends_as_the_truth_says(rated: tuple[Path, UsageLedger]):
    """State, reason, billed seconds and charge of every record; the balance of each source adds up."""
    folder, ledger = rated
    truth = pq.read_table(folder / "truth.parquet")
    found = audit_ledger(connect_to(ledger), folder / "truth.parquet")
    assert [] == found.differences
    received = [state for state in truth.column("state").to_pylist() if state not in {SKIPPED, LOST}]
    assert len(received) == sum(row["found"] for row in found.balance) == sum(row["expected"] for row in found.balance)
    assert {"EUR", "USD"} == {row["currency"] for row in found.money}
    assert all(row["expected_charge"] == row["found_charge"] for row in found.money)


def test_a_wrong_charge_is_found(rated: tuple[Path, UsageLedger]):
    """One nano on one record: it is there as expected and as found, with its file and line."""
    folder, ledger = rated
    truth = pq.read_table(folder / "truth.parquet")
    charges = truth.column("charge").to_pylist()
    at = next(at for at, charge in enumerate(charges) if charge)
    charges[at] += type(charges[at])("0.000000001")
    changed = truth.set_column(
        truth.schema.get_field_index("charge"), "charge", pa.array(charges, pa.decimal128(18, 9))
    )
    found = audit_ledger(connect_to(ledger), _tampered(folder, changed))
    assert 2 == found.difference_count
    assert truth.column("file")[at].as_py() == found.differences[0]["file"]


def test_a_lost_and_an_invented_record_are_found(rated: tuple[Path, UsageLedger]):
    """A truth without the last record: the ledger has one too many; twice the first record: one too few."""
    folder, ledger = rated
    truth = pq.read_table(folder / "truth.parquet")
    found = audit_ledger(connect_to(ledger), _tampered(folder, truth.slice(0, len(truth) - 1)))
    assert [(0, 1)] == [(row["expected"], row["found"]) for row in found.differences]
    doubled = pa.concat_tables([truth, truth.slice(0, 1)])
    found = audit_ledger(connect_to(ledger), _tampered(folder, doubled))
    assert [(2, 1)] == [(row["expected"], row["found"]) for row in found.differences]


def test_either_report_of_one_call_may_come_first(rated: tuple[Path, UsageLedger]):
    """Fault F2: the truth of the two nodes exchanged is the same truth."""
    folder, ledger = rated
    truth = pq.read_table(folder / "truth.parquet")
    twice = pc.fill_null(pc.equal(truth.column("fault"), "F2"), fill_value=False)
    exchanged = {"RATED": "DUPLICATE", "DUPLICATE": "RATED"}
    columns = {}
    for name in ("state", "billed_seconds", "charge"):
        values = truth.column(name).to_pylist()
        one, other = (at for at, is_twice in enumerate(twice.to_pylist()) if is_twice)
        values[one], values[other] = values[other], values[one]
        columns[name] = pa.array(values, truth.schema.field(name).type)
    for name, column in columns.items():
        truth = truth.set_column(truth.schema.get_field_index(name), name, column)
    assert set(exchanged) == set(truth.filter(twice).column("state").to_pylist())
    assert 0 == audit_ledger(connect_to(ledger), _tampered(folder, truth)).difference_count


def _trunkline(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    program = Path(sys.executable).parent / "trunkline"
    return subprocess.run(
        [program, *arguments], cwd=folder, env=os.environ | {"TRUNKLINE_BOOK_PATH": str(BOOK)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_the_command_ends_with_one_where_something_differs(rated: tuple[Path, UsageLedger]):
    """0 and all records, or 1 and the first differences."""
    folder, ledger = rated
    agreed = _trunkline(folder, "compare", "truth.parquet", "--ledger", ledger.url)
    assert (0, True) == (agreed.returncode, "records ended as the truth table says" in agreed.stdout)
    truth = pq.read_table(folder / "truth.parquet")
    _tampered(folder, truth.slice(1))
    differing = _trunkline(folder, "compare", "tampered.parquet", "--ledger", ledger.url)
    assert (1, True) == (differing.returncode, "1 differences" in differing.stderr)


@pytest.mark.slow
def test_the_command_simulates_what_the_settings_name(tmp_path: Path):
    """Sources of trunkline.yaml; without any, or with a format that is not written, it says what to do."""
    nothing = _trunkline(tmp_path, "simulate")
    assert (2, True) == (nothing.returncode, "No source is configured" in nothing.stderr)
    (tmp_path / "trunkline.yaml").write_text("sources: [{name: one, format: native_json}]\nspool_path: spool\n")
    done = _trunkline(tmp_path, "simulate", "--calls", "150", "--truth", "truth.parquet", "--json")
    assert (150, True) == (json.loads(done.stdout)["calls"], (tmp_path / "truth.parquet").is_file())
    few = _trunkline(tmp_path, "simulate", "--calls", "5", "--truth", "few.parquet")
    assert (2, True) == (few.returncode, "Simulate more calls" in few.stderr)
    assert "Profile 'huge' is unknown" in _trunkline(tmp_path, "simulate", "--profile", "huge").stderr
    assert "--rate goes with --kafka" in _trunkline(tmp_path, "simulate", "--rate", "5").stderr
    done = _trunkline(tmp_path, "simulate", "--profile", "bench", "--calls", "150", "--json")
    assert 150 == json.loads(done.stdout)["calls"]
    assert (tmp_path / "spool" / "one").is_dir()
