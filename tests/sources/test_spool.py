"""The spool: files that grow, rotate, end in the middle of a line, come again, or are not what they should be."""

import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.ledger.errors import LedgerUnavailable
from pipeline.ledger.table import UsageLedger
from pipeline.settings import Settings, Source
from pipeline.sources.spool import SpoolWorker
from pipeline.sources.spool_files import DONE, roll_back_mark
from tests.ledger.rows import a_table
from tests.rate.calls import Clock, a_book, rows
from tests.sources.feeds import NOON, drop, event, settings_in

BOOK = a_book()


@pytest.fixture
def settings(tmp_path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def ledger(settings) -> UsageLedger:
    return UsageLedger.open(settings.ledger_url)


def worker(settings: Settings, ledger: UsageLedger) -> SpoolWorker:
    """A spool worker as a new process would make it."""
    return SpoolWorker(settings, ledger, lambda: BOOK, Clock(NOON + timedelta(hours=1)))


def states(ledger: UsageLedger) -> Counter[str]:
    return Counter(row["state"] for row in rows(ledger))


def test_a_file_becomes_rows_and_is_archived(settings, ledger):
    """Three lines are three rated rows whose offsets are line numbers; the file lies in `done` afterwards."""
    path = drop(settings, "cdr-1.json", event(1) + event(2) + event(3))
    report = worker(settings, ledger).look(final=True)
    assert (Counter(RATED=3), 3) == (report.by_state, report.received)
    assert [1, 2, 3] == sorted(row["offset"] for row in rows(ledger))
    assert (False, True) == (path.exists(), (path.parent / DONE / "cdr-1.json").exists())


def test_a_growing_file_is_read_on(settings, ledger):
    """Lines that are appended later are read when they are there; none is read twice."""
    spool = worker(settings, ledger)
    path = drop(settings, "cdr.json", event(1))
    spool.look(final=False)
    with path.open("ab") as stream:
        stream.write(event(2))
    assert Counter(RATED=1) == spool.look(final=False).by_state
    assert [1, 2] == [row["offset"] for row in sorted(rows(ledger), key=lambda row: row["offset"])]


def test_half_a_line_waits(settings, ledger):
    """A line without its end is not read before the rest is there."""
    spool = worker(settings, ledger)
    line = event(2)
    path = drop(settings, "cdr.json", event(1) + line[:40])
    assert Counter(RATED=1) == spool.look(final=False).by_state
    with path.open("ab") as stream:
        stream.write(line[40:])
    assert Counter(RATED=1) == spool.look(final=False).by_state


def test_half_a_line_at_the_end_is_a_reject(settings, ledger):
    """When the file is finished, what is cut off becomes a row with its reason, and the lines before are rated."""
    drop(settings, "cdr.json", event(1) + event(2)[:40])
    assert Counter(RATED=1, REJECTED=1) == worker(settings, ledger).look(final=True).by_state
    (reject,) = [row for row in rows(ledger) if row["state"] == "REJECTED"]
    assert ("TRUNCATED", 2, event(2)[:40]) == (reject["reject_reason"], reject["offset"], reject["raw"])


def test_a_restart_goes_on_behind_the_rows(settings, ledger):
    """A new process reads from the ledger's marks on, not from the beginning."""
    path = drop(settings, "cdr.json", event(1) + event(2))
    worker(settings, ledger).look(final=False)
    with path.open("ab") as stream:
        stream.write(event(3))
    assert Counter(RATED=1) == worker(settings, ledger).look(final=True).by_state
    assert Counter(RATED=3) == states(ledger)


def test_a_rotated_file_is_still_the_same(settings, ledger):
    """Renamed by a rotation, the file goes on where it was; the new file of its name is another one."""
    spool = worker(settings, ledger)
    path = drop(settings, "cdr.json", event(1))
    spool.look(final=False)
    path.rename(path.with_name("cdr.json.1"))
    drop(settings, "cdr.json", event(2))
    assert Counter(RATED=1) == spool.look(final=False).by_state
    assert {"sbc1/cdr.json"} == {row["partition"].partition("@")[0] for row in rows(ledger)}
    assert 2 == len({row["partition"] for row in rows(ledger)})


def test_a_file_that_comes_again_holds_duplicates(settings, ledger):
    """The same content as a new file: every record is received once more, and none is priced again."""
    content = event(1) + event(2)
    drop(settings, "cdr.json", content)
    worker(settings, ledger).look(final=True)
    drop(settings, "copy.json", content)
    assert Counter(DUPLICATE=2) == worker(settings, ledger).look(final=True).by_state


def test_a_file_that_was_rolled_back_can_be_loaded_again(settings, ledger):
    """After a roll-back the same file is another partition, read from its first line."""
    path = drop(settings, "cdr.json", event(1))
    worker(settings, ledger).look(final=False)
    partition = rows(ledger)[0]["partition"]
    ledger.refresh()
    ledger.append(a_table(), {roll_back_mark(partition): 1})
    assert path.exists()
    worker(settings, ledger).look(final=True)
    assert {partition, f"{partition}~1"} == {row["partition"] for row in rows(ledger)}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", Counter()),
        (b"\n\n\n", Counter()),
        (os.urandom(3_000).replace(b"\n", b"?") + b"\n", Counter(REJECTED=1)),
        (b'{"call": "of another shape"}\n', Counter(REJECTED=1)),
        (b'[1, 2, 3]\n"text"\n7\n', Counter(REJECTED=3)),
        (event(1, display_name="x").replace(b'"x"', b'"Jos\xe9"'), Counter(RATED=1)),
        (event(1, display_name="x").replace(b'"x"', b'"\\u0000"'), Counter(RATED=1)),
        (event(1, q850="16"), Counter(REJECTED=1)),
        (event(1, display_name="y" * 1_000_000), Counter(REJECTED=1)),
    ],
    ids=["empty", "blank", "binary", "other-json", "no-objects", "latin-1", "nul", "number-as-text", "a-megabyte"],
)
def test_odd_files_end_as_rows(settings, ledger, content, expected):
    """Nothing is lost and nothing stops the worker: what cannot be read is a row with its bytes and the reason."""
    drop(settings, "odd.json", content)
    drop(settings, "sound.json", event(77))
    assert expected + Counter(RATED=1) == worker(settings, ledger).look(final=True).by_state
    for row in rows(ledger):
        assert (row["state"] == "RATED") == (row["reject_reason"] is None)


def test_files_of_several_sources_share_a_commit(tmp_path):
    """Many small files need no commit each; every partition of the ledger is written once."""
    settings = settings_in(
        tmp_path, sources=(Source(name="a", format="native_json"), Source(name="b", format="native_json"))
    )
    ledger = UsageLedger.open(settings.ledger_url)
    for number in range(20):
        drop(settings, f"{number}.json", event(number), source="ab"[number % 2])
    report = worker(settings, ledger).look(final=True)
    ledger.refresh()
    assert (20, 20, 2) == (report.received, len(report.finished), ledger.version)


def test_a_batch_is_bounded(tmp_path):
    """More records than a batch may have become several commits."""
    settings = settings_in(tmp_path, batch_rows=10)
    ledger = UsageLedger.open(settings.ledger_url)
    drop(settings, "cdr.json", b"".join(event(number) for number in range(35)))
    assert Counter(RATED=35) == worker(settings, ledger).look(final=True).by_state
    ledger.refresh()
    assert 8 == ledger.version  # four batches in each of two partitions


def test_stopping_commits_what_is_in_hand(tmp_path):
    """Asked to stop after the first batch, the worker commits it and leaves the file where it is."""
    settings = settings_in(tmp_path, batch_rows=10)
    ledger = UsageLedger.open(settings.ledger_url)
    path = drop(settings, "cdr.json", b"".join(event(number) for number in range(35)))
    report = worker(settings, ledger).look(final=True, should_stop=lambda: True)
    assert (10, [], True) == (report.received, report.finished, path.exists())
    assert Counter(RATED=25) == worker(settings, ledger).look(final=True).by_state


def test_unfinished_transfers_and_links_are_left_alone(settings, ledger, tmp_path):
    """Files still being written under another name, hidden files and links are not read."""
    drop(settings, "cdr.json.part", event(1))
    drop(settings, ".hidden", event(2))
    secret = tmp_path / "secret.json"
    secret.write_bytes(event(3))
    (settings.spool_path / "sbc1" / "link.json").symlink_to(secret)
    assert 0 == worker(settings, ledger).look(final=True).received


def test_a_ledger_that_cannot_be_written_stops_the_worker(settings, ledger):
    """Nothing is acknowledged: the file stays, and a worker goes on when the folder can be written again."""
    path = drop(settings, "cdr.json", event(1))
    spool = worker(settings, ledger)
    log = Path(ledger.url) / "usage" / "_delta_log"
    hidden = log.rename(log.with_name("gone"))
    log.write_text("not a folder")
    with pytest.raises(LedgerUnavailable):
        spool.look(final=True)
    assert path.exists()
    log.unlink()
    hidden.rename(log)
    assert Counter(RATED=1) == worker(settings, ledger).look(final=True).by_state


def test_one_partition_that_fails_does_not_undo_another(settings, ledger):
    """Partitions commit side by side; the file stays until all of them have its rows, and nothing is written twice."""
    content = b"".join(event(number) for number in range(20))
    path = drop(settings, "cdr.json", content)
    failing = worker(settings, ledger)

    def refuse(*_: object) -> None:
        raise LedgerUnavailable(ledger.url, "written", OSError("no space left"))

    failing._stages[0].process = refuse
    with pytest.raises(LedgerUnavailable, match="no space left"):
        failing.look(final=True)
    failing.close()
    written = len(rows(ledger))
    assert (True, True) == (0 < written < 20, path.exists())
    assert Counter(RATED=20 - written) == worker(settings, ledger).look(final=True).by_state
    assert (set(range(1, 21)), 20) == ({row["offset"] for row in rows(ledger)}, len(rows(ledger)))


def test_killed_in_the_middle_nothing_is_lost_or_twice(tmp_path):
    """A process that is killed between the commits of two partitions: the next one completes the batch."""
    settings = settings_in(tmp_path, batch_rows=50)
    drop(settings, "cdr.json", b"".join(event(number) for number in range(300)))
    script = (
        "import sys, os\n"
        "from datetime import timedelta\n"
        "from pathlib import Path\n"
        "from pipeline.ledger.table import UsageLedger\n"
        "from tests.rate.calls import Clock\n"
        "from tests.sources.feeds import NOON, settings_in\n"
        "from tests.sources.test_spool import worker\n"
        "from pipeline.rate.stage import RateStage\n"
        "original, calls = RateStage.process, []\n"
        "def process(self, *args):\n"
        "    calls.append(1)\n"
        "    if len(calls) == 6: os.kill(os.getpid(), 9)\n"
        "    return original(self, *args)\n"
        "RateStage.process = process\n"
        "settings = settings_in(Path(sys.argv[1]), batch_rows=50)\n"
        "worker(settings, UsageLedger.open(settings.ledger_url)).look(final=True)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, check=False)
    assert -9 == killed.returncode, killed.stderr
    ledger = UsageLedger.open(settings.ledger_url)
    before = len(rows(ledger))
    worker(settings, ledger).look(final=True)
    offsets = [row["offset"] for row in rows(ledger)]
    assert 0 < before < 300
    assert list(range(1, 301)) == sorted(offsets)
