"""Compaction: fewer files, the same rows, the same marks, nobody disturbed."""

import time
from pathlib import Path

import duckdb
import pytest
import structlog
from deltalake import DeltaTable

from pipeline.ledger.compaction import SMALL_FILES, BackgroundCompaction, compact, vacuum
from pipeline.ledger.errors import ConcurrentWriter
from pipeline.ledger.table import UsageLedger
from tests.ledger.rows import a_row, a_table


@pytest.fixture
def ledger(tmp_path) -> UsageLedger:
    return UsageLedger.open(str(tmp_path / "ledger"))


def fill(ledger: UsageLedger, commits: int) -> None:
    for offset in range(commits):
        ledger.append(a_table(a_row(offset)), {"cdr.leg-0": offset})


def offsets(ledger: UsageLedger) -> list[int]:
    ledger.refresh()
    query = 'SELECT "offset" FROM read_parquet($files) ORDER BY ALL'
    return [row[0] for row in duckdb.execute(query, {"files": ledger.files()}).fetchall()]


def test_small_files_become_one(ledger):
    """Ten commits of one row are one file of ten rows afterwards."""
    fill(ledger, 10)
    assert (10, 1) == compact(ledger)
    assert list(range(10)) == offsets(ledger)


def test_marks_survive(ledger):
    """Compaction and its checkpoint keep every mark."""
    fill(ledger, 3)
    compact(ledger)
    assert {"cdr.leg-0": 2} == UsageLedger.open(ledger.url).marks()


def test_old_commits_are_removed_by_compaction_alone(ledger):
    """Two appends that remove the same old commits at once would get into each other's way."""
    ledger.table.alter.set_table_properties({"delta.logRetentionDuration": "interval 0 seconds"})
    first = Path(ledger.url) / "usage" / "_delta_log" / f"{0:020}.json"
    fill(ledger, 60)
    assert first.exists()
    compact(ledger)
    assert not first.exists()
    assert {"cdr.leg-0": 59} == UsageLedger.open(ledger.url).marks()


def test_commits_that_another_compaction_removes_meanwhile(ledger, monkeypatch):
    """What is gone needs not be removed, and the store is as well as before."""
    fill(ledger, 3)

    def is_gone(_: DeltaTable) -> None:
        raise FileNotFoundError("Object at location 00000000000000000000.json not found")

    monkeypatch.setattr(DeltaTable, "cleanup_metadata", is_gone)
    assert (3, 1) == compact(ledger)


def test_a_large_file_is_left_alone(ledger):
    """A file that has its size is not written again."""
    fill(ledger, 3)
    compact(ledger)
    large = ledger.files()
    compact(ledger, file_bytes=1)
    assert large == ledger.files()


def test_compacting_twice_changes_nothing(ledger):
    """The second time there is nothing to merge."""
    fill(ledger, 3)
    compact(ledger)
    assert (1, 1) == compact(ledger)


def test_a_writer_with_an_older_snapshot_may_still_append(ledger):
    """Appends go through while, and after, a compaction replaced the files that they know."""
    writer = ledger.another_handle()
    fill(ledger, 5)
    writer.refresh()
    compact(ledger)
    writer.append(a_table(a_row(5)), {"cdr.leg-0": 5})
    assert list(range(6)) == offsets(ledger)


def test_a_late_writer_is_refused_after_compaction_too(ledger):
    """Compaction does not hide that the mark has moved."""
    late = ledger.another_handle()
    fill(ledger, 5)
    compact(ledger)
    with pytest.raises(ConcurrentWriter):
        late.append(a_table(a_row(0)), {"cdr.leg-0": 0})


def test_background_compaction_waits_for_enough_files(ledger):
    """One file fewer than the limit starts nothing."""
    assert not BackgroundCompaction(ledger).start_if_due(SMALL_FILES - 1)


def test_background_compaction_runs_beside_appends(ledger):
    """While it runs the writer goes on; afterwards all rows are there and the next one is not due at once."""
    fill(ledger, 12)
    background = BackgroundCompaction(ledger)
    assert background.start_if_due(SMALL_FILES)
    for offset in range(12, 24):
        ledger.append(a_table(a_row(offset)), {"cdr.leg-0": offset})
    background.wait()
    assert list(range(24)) == offsets(ledger)
    assert len(ledger.files()) < 24
    assert not background.start_if_due(SMALL_FILES)


def test_a_failed_background_compaction_does_not_stop_the_worker(ledger):
    """A data file that is gone makes it fail; that is logged, and the next one may start."""
    fill(ledger, 3)
    Path(ledger.files()[0]).unlink()
    background = BackgroundCompaction(ledger)
    with structlog.testing.capture_logs() as logs:
        background.start_if_due(SMALL_FILES)
        background.wait()
    assert ["compaction_failed"] == [entry["event"] for entry in logs]
    assert background.start_if_due(SMALL_FILES)
    background.wait()


def test_vacuum_keeps_what_readers_may_still_use(ledger):
    """Replaced files stay for a day: a query that began before goes on."""
    fill(ledger, 3)
    before = ledger.files()
    compact(ledger)
    assert all(Path(file).exists() for file in before)


def test_vacuum_deletes_what_is_older(ledger):
    """With no hours left the replaced files are named by a dry run, then deleted."""
    fill(ledger, 3)
    before = {Path(file).name for file in ledger.files()}
    compact(ledger)
    time.sleep(0.01)
    assert before == set(vacuum(ledger, hours=0, dry_run=True))
    assert before == set(vacuum(ledger, hours=0))
    assert {Path(file) for file in ledger.files()} == set((Path(ledger.url) / "usage").glob("*.parquet"))
