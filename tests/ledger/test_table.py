"""The ledger as a table: atomic commits, marks that only one writer moves, clear refusals."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow.dataset as ds
import pytest
from deltalake import DeltaTable

from pipeline.ledger.errors import ConcurrentWriter, LedgerUnavailable, OtherLedgerFormat
from pipeline.ledger.marks import leg_mark, raw_mark
from pipeline.ledger.table import UsageLedger
from schemas.ledger import USAGE_SCHEMA
from tests.ledger.rows import a_row, a_table


@pytest.fixture
def ledger(tmp_path) -> UsageLedger:
    return UsageLedger.open(str(tmp_path / "ledger"))


def row_ids(ledger: UsageLedger) -> list[str]:
    files = ledger.files()
    return sorted(ds.dataset(files).to_table(columns=["row_id"])["row_id"].to_pylist()) if files else []


def test_a_new_ledger_is_empty(ledger):
    """Opening creates the table with no row and no mark."""
    assert ([], {}) == (ledger.files(), ledger.marks())


def test_open_finds_what_was_written(ledger):
    """A second process sees the rows and the marks of the first."""
    ledger.append(a_table(a_row(7)), {"cdr.leg-0": 3})
    again = UsageLedger.open(ledger.url)
    assert (["cdr.raw.sbc1-0:7:0:0"], {"cdr.leg-0": 3}) == (row_ids(again), again.marks())


def test_rows_come_back_as_they_were(ledger):
    """Every column survives the round trip, nulls, lists, bytes and money included."""
    rows = a_table(a_row(1, flags=["NO_MEDIA", "LOW_RES"], raw=b"\x00\xff", measured_ms=61_000))
    ledger.append(rows, {"cdr.leg-0": 1})
    read = ledger.read(USAGE_SCHEMA.names, [date(2026, 10, 1)], 0)
    assert rows.to_pylist() == read.to_pylist()


def test_mark_names():
    """The names are those of the architecture page, so that any Delta tool shows where a worker stands."""
    assert ("cdr.leg-3", "cdr.leg-3<cdr.raw.sbc1-0") == (leg_mark(3), raw_mark(3, "cdr.raw.sbc1-0"))


def test_marks_move_without_rows(ledger):
    """A batch of which no record fell to this partition still moves its marks."""
    ledger.append(a_table(), {"cdr.leg-0": 5, "cdr.leg-0<cdr.raw.sbc1-0": 99})
    assert {"cdr.leg-0": 5, "cdr.leg-0<cdr.raw.sbc1-0": 99} == ledger.marks()


def test_marks_are_those_of_all_writers(ledger):
    """Marks are read from the log, not from what this handle wrote itself."""
    ledger.append(a_table(), {"cdr.leg-0": 5})
    ledger.another_handle().append(a_table(), {"cdr.leg-1": 8})
    assert {"cdr.leg-0": 5, "cdr.leg-1": 8} == ledger.marks()


def test_marks_survive_a_checkpoint(ledger):
    """Marks set before, at and after a checkpoint are all found."""
    ledger.append(a_table(), {"cdr.leg-0": 1, "cdr.leg-1": 1})
    ledger.table.create_checkpoint()
    ledger.append(a_table(), {"cdr.leg-0": 2, "cdr.leg-2": 2})
    assert {"cdr.leg-0": 2, "cdr.leg-1": 1, "cdr.leg-2": 2} == UsageLedger.open(ledger.url).marks()


def test_marks_of_a_handle_that_slept_through_log_cleanup(ledger):
    """By its old snapshot while it has not looked, by the new one afterwards, though the commits between are gone."""
    sleeper = ledger.another_handle()
    for offset in range(4):
        ledger.append(a_table(), {"cdr.leg-0": offset})
    assert sleeper.mark("cdr.leg-0") is None
    ledger.table.create_checkpoint()
    for commit in range(4):
        (Path(ledger.url) / "usage" / "_delta_log" / f"{commit:020}.json").unlink()
    sleeper.refresh()
    assert (3, None, {"cdr.leg-0": 3}) == (sleeper.mark("cdr.leg-0"), sleeper.mark("cdr.leg-1"), sleeper.marks())


def test_a_late_writer_of_the_same_mark_is_refused(ledger):
    """Two workers on one partition: the one that looked before the other committed writes nothing."""
    late = ledger.another_handle()
    ledger.append(a_table(a_row(1)), {"cdr.leg-0": 1})
    with pytest.raises(ConcurrentWriter, match=r"commit of cdr\.leg-0.*Nothing was written") as refused:
        late.append(a_table(a_row(1)), {"cdr.leg-0": 1})
    assert (["cdr.leg-0"], ["cdr.raw.sbc1-0:1:0:0"]) == (refused.value.marks, row_ids(UsageLedger.open(ledger.url)))


def test_one_shared_mark_is_enough_to_be_refused(ledger):
    """A commit of several marks is refused as a whole if one of them moved."""
    late = ledger.another_handle()
    ledger.append(a_table(), {"cdr.leg-0": 1})
    with pytest.raises(ConcurrentWriter):
        late.append(a_table(), {"cdr.leg-9": 1, "cdr.leg-0": 1})
    assert {"cdr.leg-0": 1} == ledger.marks()


def test_writers_of_other_marks_go_through(ledger):
    """Workers of other partitions commit side by side from handles that did not see each other."""
    other = ledger.another_handle()
    for offset in range(5):
        ledger.append(a_table(a_row(offset)), {"cdr.leg-0": offset})
    other.append(a_table(a_row(0, partition="cdr.raw.sbc2-0")), {"cdr.leg-1": 0})
    assert 6 == len(row_ids(other))


def test_a_refreshed_writer_may_go_on(ledger):
    """Looking again before the commit is how a partition changes hands."""
    other = ledger.another_handle()
    ledger.append(a_table(), {"cdr.leg-0": 1})
    other.refresh()
    other.append(a_table(), {"cdr.leg-0": 2})
    assert 2 == other.mark("cdr.leg-0")


def test_a_writer_that_slept_through_log_cleanup_is_refused(ledger):
    """A worker frozen for so long that its part of the log is gone cannot commit either."""
    frozen = ledger.another_handle()
    ledger.append(a_table(a_row(1)), {"cdr.leg-0": 1})
    ledger.append(a_table(a_row(2)), {"cdr.leg-0": 2})
    ledger.table.create_checkpoint()
    for commit in (0, 1):
        (Path(ledger.url) / "usage" / "_delta_log" / f"{commit:020}.json").unlink()
    with pytest.raises(LedgerUnavailable):
        frozen.append(a_table(a_row(1)), {"cdr.leg-0": 1})
    assert ["cdr.raw.sbc1-0:1:0:0", "cdr.raw.sbc1-0:2:0:0"] == row_ids(UsageLedger.open(ledger.url))


def test_retired_marks_are_forgotten_in_time(ledger):
    """The mark of an archived spool file goes away after 30 days; others stay for ever."""
    ledger.append(a_table(), {"cdr.leg-0<done.csv": 10, "cdr.leg-0<new.csv": 20, "cdr.leg-0": 1})
    ledger.retire(["cdr.leg-0<done.csv"], datetime.now(UTC) - timedelta(days=31))
    ledger.retire(["cdr.leg-0<new.csv", "cdr.leg-0<unknown.csv"], datetime.now(UTC) - timedelta(days=29))
    assert {"cdr.leg-0": 1, "cdr.leg-0<new.csv": 20} == UsageLedger.open(ledger.url).marks()


def test_read_takes_one_day_and_one_partition(ledger):
    """Rows of other days and of other partitions are not returned."""
    ledger.append(a_table(a_row(1), a_row(2, day=date(2026, 10, 2)), a_row(3, leg_partition=1)), {})
    assert ["cdr-1"] == ledger.read(["cdr_id"], [date(2026, 10, 1)], 0)["cdr_id"].to_pylist()


def test_another_format_is_refused(ledger):
    """A table of another version of the schema is named as such and not touched."""
    ledger.table.alter.set_table_properties({"trunkline.ledgerFormat": "99"}, raise_if_not_exists=False)
    with pytest.raises(OtherLedgerFormat, match="has format 99; this version of Trunkline reads and writes format 1"):
        UsageLedger.open(ledger.url)


def test_a_table_of_somebody_else_is_refused(tmp_path):
    """A Delta table that is no usage ledger has no format."""
    DeltaTable.create(str(tmp_path / "usage"), a_table().schema.remove_metadata())
    with pytest.raises(OtherLedgerFormat, match="has format none"):
        UsageLedger.open(str(tmp_path))


def test_a_ledger_that_is_a_file_is_unavailable(tmp_path):
    """A path that cannot be a folder is broken machinery with a message that says what to check."""
    (tmp_path / "ledger").write_text("I am a file")
    with pytest.raises(LedgerUnavailable, match=r"cannot be opened.*exists, is writable and has free space"):
        UsageLedger.open(str(tmp_path / "ledger"))


def test_a_damaged_log_is_unavailable(ledger):
    """A log that cannot be read is broken machinery too, and the message has one line."""
    (Path(ledger.url) / "usage" / "_delta_log" / f"{0:020}.json").write_text("garbage")
    with pytest.raises(LedgerUnavailable, match="cannot be opened") as unavailable:
        UsageLedger.open(ledger.url)
    assert "\n" not in str(unavailable.value)


def test_a_full_disk_stops_the_writer_and_loses_nothing(ledger):
    """A commit that does not fit is refused as a whole; with space again the same commit goes through."""
    script = f"""
import resource
from pipeline.ledger.errors import LedgerUnavailable
from pipeline.ledger.table import UsageLedger
from tests.ledger.rows import a_row, a_table
ledger = UsageLedger.open({ledger.url!r})
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
try:
    ledger.append(a_table(a_row(1)), {{"cdr.leg-0": 1}})
except LedgerUnavailable as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "cannot be written" in run.stdout
    assert {} == ledger.marks()
    ledger.append(a_table(a_row(1)), {"cdr.leg-0": 1})
    assert ["cdr.raw.sbc1-0:1:0:0"] == row_ids(ledger)


def test_a_relative_folder_is_a_ledger_too(tmp_path, monkeypatch):
    """The default ledger_url is relative to the working directory."""
    monkeypatch.chdir(tmp_path)
    ledger = UsageLedger.open("var/ledger")
    ledger.append(a_table(a_row(1)), {"cdr.leg-0": 1})
    assert ({"cdr.leg-0": 1}, True) == (ledger.marks(), Path(ledger.files()[0]).is_absolute())
