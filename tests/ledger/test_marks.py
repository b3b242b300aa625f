"""Names of marks read from the bytes of a Delta log: commits, checkpoints, and what is no mark."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow.fs import LocalFileSystem, SubTreeFileSystem

from pipeline.ledger.marks import MarkReader, corrections_mark, leg_mark, raw_mark

TXN = pa.struct([("appId", pa.string()), ("version", pa.int64())])


class WrittenLog:
    """A log written by hand, action by action, as the Delta protocol lays it out."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "_delta_log"
        self._log.mkdir()
        self.files = SubTreeFileSystem(str(folder), LocalFileSystem())

    def commit(self, version: int, *marks: str, **retired: int) -> None:
        """One commit: who wrote it, a data file, and its marks; of retired ones the time."""
        actions = [{"commitInfo": {"operation": "WRITE"}}, {"add": {"path": f"part-{version}.parquet"}}]
        actions += [{"txn": {"appId": mark, "version": version}} for mark in marks]
        actions += [{"txn": {"appId": mark, "version": 7, "lastUpdated": at}} for mark, at in retired.items()]
        text = "\n".join(json.dumps(action, separators=(",", ":")) for action in actions)
        (self._log / f"{version:020}.json").write_text(text)

    def checkpoint(self, version: int, *marks: str) -> None:
        """All marks up to a version, between rows of other actions, and the pointer to them."""
        rows = [None, *({"appId": mark, "version": version} for mark in marks), None]
        pq.write_table(pa.table({"txn": pa.array(rows, TXN)}), self._log / f"{version:020}.checkpoint.parquet")
        (self._log / "_last_checkpoint").write_text(json.dumps({"version": version, "size": len(rows)}))

    def forget(self, version: int) -> None:
        """Delete a commit that a checkpoint covers, as the clean-up of the log does."""
        (self._log / f"{version:020}.json").unlink()


def names_at(log: WrittenLog, version: int) -> set[str]:
    """The names of the marks that a new reader finds."""
    return set(MarkReader(log.files).at(version))


@pytest.fixture
def log(tmp_path: Path) -> WrittenLog:
    """An empty log."""
    return WrittenLog(tmp_path)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (leg_mark(0), "cdr.leg-0"),
        (leg_mark(11), "cdr.leg-11"),
        (raw_mark(0, "cdr.raw.sbc1-0"), "cdr.leg-0<cdr.raw.sbc1-0"),
        (raw_mark(11, "calls-2026-10-01.csv"), "cdr.leg-11<calls-2026-10-01.csv"),
        (corrections_mark(0), "corrections-0"),
        (corrections_mark(11), "corrections-11"),
    ],
)
def test_names(found: str, expected: str) -> None:
    """A partition of legs, what of a raw partition reached it, and its corrections."""
    assert expected == found


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 999), st.integers(0, 999), st.text(max_size=8), st.text(max_size=8))
def test_two_positions_never_share_a_mark(one: int, other: int, raw: str, other_raw: str) -> None:
    """A mark names one partition of legs and one raw partition, so that no writer moves another's."""
    assert ((one, raw) == (other, other_raw)) is (raw_mark(one, raw) == raw_mark(other, other_raw))
    assert 3 == len({leg_mark(one), raw_mark(one, raw), corrections_mark(one)})


def test_a_log_of_one_commit_without_marks(log: WrittenLog) -> None:
    """Creating the table sets none."""
    log.commit(0)
    assert set() == names_at(log, 0)


def test_marks_of_all_commits(log: WrittenLog) -> None:
    """A mark stays once it is set, whoever commits next."""
    log.commit(0)
    log.commit(1, "cdr.leg-0", "cdr.leg-0<a-0")
    log.commit(2, "cdr.leg-1")
    log.commit(3)
    assert {"cdr.leg-0", "cdr.leg-0<a-0", "cdr.leg-1"} == names_at(log, 3)


@pytest.mark.parametrize(
    ("version", "expected"), [(0, set()), (1, {"one"}), (2, {"one", "two"}), (3, {"one", "two", "three"})]
)
def test_marks_are_those_of_the_version_asked_for(log: WrittenLog, version: int, expected: set[str]) -> None:
    """A reader of an older snapshot does not see what came later."""
    for number, marks in enumerate([(), ("one",), ("two",), ("three",)]):
        log.commit(number, *marks)
    assert expected == names_at(log, version)


def test_a_checkpoint_stands_for_the_commits_before_it(log: WrittenLog) -> None:
    """Commits that it covers may be gone; those after it are read one by one."""
    for version, mark in enumerate(["zero", "one", "two", "three"]):
        log.commit(version, mark)
    log.checkpoint(2, "zero", "one", "two")
    for version in (0, 1, 2):
        log.forget(version)
    assert {"zero", "one", "two", "three"} == names_at(log, 3)


def test_a_checkpoint_without_marks(log: WrittenLog) -> None:
    """A table of other actions only."""
    log.commit(0)
    log.checkpoint(0)
    log.commit(1, "one")
    assert {"one"} == names_at(log, 1)


def test_a_mark_that_a_checkpoint_dropped_is_forgotten(log: WrittenLog) -> None:
    """A mark that was retired long ago is in no checkpoint; the commit that set it no longer counts."""
    log.commit(0, "retired")
    log.commit(1, "kept")
    log.checkpoint(1, "kept")
    assert {"kept"} == names_at(log, 1)


def test_a_commit_that_is_missing_is_an_error(log: WrittenLog) -> None:
    """A log with a hole is damaged; its marks are not guessed from the rest."""
    log.commit(0)
    log.commit(2, "two")
    with pytest.raises(FileNotFoundError):
        names_at(log, 2)


def test_values_are_the_last_ones(log: WrittenLog) -> None:
    """Each commit moves its marks; a reader that follows sees what a new one sees."""
    log.commit(0, "a", "b")
    following = MarkReader(log.files)
    assert {"a": 0, "b": 0} == following.at(0)
    log.commit(1, "a")
    log.commit(2, "c")
    assert {"a": 1, "b": 0, "c": 2} == following.at(2) == MarkReader(log.files).at(2)
    assert {"a": 1, "b": 0} == following.at(1)


def test_a_reader_that_slept_begins_again(log: WrittenLog) -> None:
    """The commits that it has not seen are gone, and a checkpoint stands for them."""
    log.commit(0, "a")
    sleeper = MarkReader(log.files)
    sleeper.at(0)
    for version in range(1, 4):
        log.commit(version, "a")
    log.checkpoint(2, "a")
    log.forget(1)
    log.forget(2)
    assert {"a": 3} == sleeper.at(3)


def test_a_snapshot_older_than_the_last_checkpoint(log: WrittenLog) -> None:
    """What the checkpoint says came later than the snapshot: nothing is guessed."""
    for version in range(3):
        log.commit(version, "a")
    log.checkpoint(2, "a")
    with pytest.raises(FileNotFoundError, match="the last one is of version 2"):
        MarkReader(log.files).at(1)


def test_a_retired_mark_is_for_the_table_to_tell(log: WrittenLog) -> None:
    """Whether its time is over is the table's rule; a mark that is set again is as any other."""
    log.commit(0, "done", done=1_790_000_000_000)
    assert {"done": None} == MarkReader(log.files).at(0)
    log.commit(1, "done")
    assert {"done": 1} == MarkReader(log.files).at(1)
