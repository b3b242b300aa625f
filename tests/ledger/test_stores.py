"""The ledger in a folder and in an object store: the same promises."""

from datetime import date
from uuid import uuid4

import pytest

from pipeline.ledger.compaction import compact, vacuum
from pipeline.ledger.errors import ConcurrentWriter, LedgerUnavailable
from pipeline.ledger.table import UsageLedger
from pipeline.sql.connection import connect_to
from tests.ledger.rows import a_row, a_table


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.s3)])
def ledger(request, tmp_path) -> UsageLedger:
    """An empty ledger in each kind of store."""
    if request.param == "folder":
        return UsageLedger.open(str(tmp_path / "ledger"))
    store = request.getfixturevalue("s3")
    return UsageLedger.open(f"{store.url}/{uuid4()}", store.options)


def test_rows_and_marks_are_one_step(ledger):
    """What is committed is found by another process, rows and marks alike."""
    ledger.append(a_table(a_row(1), a_row(2)), {"cdr.leg-0": 7, "cdr.leg-0<cdr.raw.sbc1-0": 2})
    again = ledger.another_handle()
    assert {"cdr.leg-0": 7, "cdr.leg-0<cdr.raw.sbc1-0": 2} == again.marks()
    assert ["cdr-1", "cdr-2"] == sorted(again.read(["cdr_id"], [date(2026, 10, 1)], 0)["cdr_id"].to_pylist())


def test_a_late_writer_is_refused(ledger):
    """Of two workers on one partition the second to commit writes nothing."""
    late = ledger.another_handle()
    ledger.append(a_table(a_row(1)), {"cdr.leg-0": 1})
    with pytest.raises(ConcurrentWriter, match="Nothing was written"):
        late.append(a_table(a_row(1)), {"cdr.leg-0": 1})
    assert 1 == len(ledger.another_handle().files())


def test_writers_of_other_partitions_go_through(ledger):
    """Two handles that did not see each other commit side by side."""
    other = ledger.another_handle()
    ledger.append(a_table(a_row(1)), {"cdr.leg-0": 1})
    other.append(a_table(a_row(1, partition="cdr.raw.sbc2-0")), {"cdr.leg-1": 1})
    assert {"cdr.leg-0": 1, "cdr.leg-1": 1} == ledger.marks()


def test_compaction_keeps_rows_and_marks(ledger):
    """Five files become one; marks survive its checkpoint, and a writer with an older snapshot goes on."""
    writer = ledger.another_handle()
    for offset in range(5):
        ledger.append(a_table(a_row(offset)), {"cdr.leg-0": offset})
    assert (5, 1) == compact(ledger)
    writer.refresh()
    writer.append(a_table(a_row(5)), {"cdr.leg-0": 5})
    assert {"cdr.leg-0": 5} == ledger.another_handle().marks()
    assert 5 == len(vacuum(ledger, hours=0, dry_run=True))


def test_books_are_kept_beside_it(ledger):
    """A snapshot of the reference data comes back byte by byte."""
    ledger.books().keep("hash-1", b"\x00snapshot")
    assert ({"hash-1"}, b"\x00snapshot") == (ledger.books().hashes(), ledger.books().read("hash-1"))


def test_sql_sees_the_snapshot(ledger):
    """The balance of three records, one of which was corrected; rows that come later are not seen."""
    rejected = a_row(2, state="REJECTED", reject_reason="NO_RATE")
    corrected = a_row(2, version=1, replaces=rejected["row_id"])
    ledger.append(a_table(a_row(1), rejected, corrected, a_row(3, state="DUPLICATE", duplicate_of="cdr-1")), {})
    connection = connect_to(ledger)
    ledger.append(a_table(a_row(4)), {})
    assert [("sbc1", "2026-10", 3, 2, 0, 1, 0, 0, 0)] == connection.execute("FROM balance").fetchall()
    assert [(1, 1)] == connection.execute("SELECT version, files FROM snapshot").fetchall()


def test_an_empty_ledger_has_all_views(ledger):
    """A question before the first commit has an empty answer."""
    connection = connect_to(ledger)
    assert ([], [(0,)]) == (
        connection.execute("FROM balance").fetchall(),
        connection.execute("SELECT count(*) FROM usage").fetchall(),
    )


@pytest.mark.s3
def test_a_bucket_that_is_not_there(s3):
    """The message says what to check."""
    with pytest.raises(LedgerUnavailable, match="bucket exists"):
        UsageLedger.open("s3://no-such-bucket/ledger", s3.options)
