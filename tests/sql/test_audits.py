"""`trunkline ledger verify`: a sound ledger has no finding, and each manipulation has exactly the one it should."""

import pytest
from deltalake import Field

from pipeline.ledger.table import UsageLedger
from pipeline.sql.connection import store
from pipeline.sql.verification import AUDITS, EXAMPLES, FOLDER, audit, marks_table, verify
from tests.ledger.rows import a_row, a_table
from tests.sql.views_over import views_over

PRICED = {"charge": "0.01", "currency": "USD", "account_id": "acme"}
REJECT = {"offset": 2, "state": "REJECTED", "reject_reason": "NO_RATE"}
SOUND = [
    {"offset": 1, **PRICED},
    REJECT,
    {"offset": 2, "version": 1, "replaces": "cdr.raw.sbc1-0:2:0:0", **PRICED},
    {"offset": 3, "state": "DUPLICATE", "duplicate_of": "cdr-1"},
    {"offset": 4, "state": "PENDING"},
    {"offset": 5, "state": "MERGED", "duplicate_of": "cdr-1"},
]
MANIPULATED = {
    "row_ids": [*SOUND, SOUND[3]],
    "row_id_parts": [*SOUND, {"offset": 9, "row_id": "elsewhere:9:0:0", **PRICED}],
    "records": [*SOUND, {"offset": 1, "row_id": "cdr.raw.sbc1-0:1:0:7", "version": 7, "replaces": "gone", **PRICED}],
    "corrections": [*SOUND, {"offset": 9, "version": 1, "replaces": "cdr.raw.sbc1-0:1:0:0", **PRICED}],
    "outcomes": [*SOUND, {"offset": 9, "currency": "USD", "account_id": "acme"}],
    "keys": [*SOUND, {"offset": 9, "cdr_id": "cdr-1", **PRICED}],
    "duplicates": [*SOUND, {"offset": 9, "state": "DUPLICATE", "duplicate_of": "cdr-unknown"}],
    "balance": [*SOUND, {"offset": 9, "state": "VANISHED"}],
    "positions": [*SOUND, {"offset": 101, **PRICED}],
    "books": [*SOUND, {"offset": 9, "book_hash": "book-2", **PRICED}],
}


def findings(name, rows, marks=None):
    """Number of findings of one audit over these rows; their book is kept and their partition read up to 100."""
    connection = views_over(rows)
    connection.execute("DROP TABLE IF EXISTS marks; DROP TABLE IF EXISTS books")
    store(connection, "marks", marks_table(marks or {"cdr.leg-0<cdr.raw.sbc1-0": 100, "cdr.leg-0": 5}))
    connection.execute("CREATE TABLE books AS SELECT 'book-1' AS book_hash")
    return audit(connection, name).findings


@pytest.mark.parametrize("name", AUDITS)
def test_a_sound_ledger_has_no_finding(name):
    """Five outcomes and one correction."""
    assert 0 == findings(name, SOUND)


@pytest.mark.parametrize("name", AUDITS)
def test_an_empty_ledger_is_sound(name):
    """Nothing is wrong with nothing."""
    assert 0 == findings(name, [])


@pytest.mark.parametrize("name", AUDITS)
def test_a_manipulation_is_found(name):
    """Each audit finds the one that is made for it."""
    assert findings(name, MANIPULATED[name])


def test_every_file_is_an_audit():
    """The list is the folder, and each header says what must hold."""
    assert sorted(AUDITS) == sorted(path.stem for path in FOLDER.glob("*.sql"))
    assert all(path.read_text().startswith("-- ") for path in FOLDER.glob("*.sql"))


@pytest.mark.parametrize(
    "fields",
    [
        {"charge": None}, {"currency": None}, {"account_id": None}, {"reject_reason": "NO_RATE"},
        {"state": "REJECTED", "charge": None}, {"state": "REJECTED", "reject_reason": "NO_RATE"},
        {"state": "DUPLICATE", "charge": None}, {"state": "MERGED", "charge": None},
        {"state": "PENDING"}, {"state": "X"},
    ],
)  # fmt: skip
def test_a_state_has_what_belongs_to_it(fields):
    """A price without a state RATED, or a state without its reason, is a finding."""
    assert 1 == findings("outcomes", [{"offset": 1, **PRICED, **fields}])


def test_a_mark_of_another_partition_says_nothing():
    """Positions are compared within one partition of cdr.leg; a forgotten mark is no finding."""
    assert 0 == findings("positions", [{"offset": 101, **PRICED}], {"cdr.leg-1<cdr.raw.sbc1-0": 1})


def test_marks_are_taken_apart():
    """Names of raw partitions and files may hold a dash."""
    marks = {"cdr.leg-12<edge-1/calls.csv@1-2": 7, "cdr.leg-3": 8, "corrections-3": 9}
    assert [
        {"leg_partition": 12, "raw_partition": "edge-1/calls.csv@1-2", "value": 7},
        {"leg_partition": 3, "raw_partition": None, "value": 8},
    ] == marks_table(marks).to_pylist()


def test_a_real_ledger(tmp_path):
    """Rows, marks and book in Delta tables: all checks pass, then a row beyond the mark is told with an example."""
    ledger = UsageLedger.open(str(tmp_path))
    ledger.books().keep("book-1", b'{"accounts": []}')
    ledger.append(a_table(a_row(1, state="PENDING")), {"cdr.leg-0<cdr.raw.sbc1-0": 1})
    assert {0} == {check.findings for check in verify(ledger)}
    ledger.append(a_table(a_row(2, state="PENDING")), {})
    (wrong,) = [check for check in verify(ledger) if check.findings]
    assert ("positions", ["leg_partition 0, partition cdr.raw.sbc1-0, last_offset 2, mark 1"]) == (
        wrong.name,
        wrong.examples,
    )


def test_a_column_too_many_is_found(tmp_path):
    """Somebody added a column to the table."""
    ledger = UsageLedger.open(str(tmp_path))
    ledger.table.alter.add_columns([Field("mine", "string")])
    schema = next(iter(verify(ledger)))
    assert (1, ["mine is string, expected no such column"]) == (schema.findings, schema.examples)


def test_examples_are_few():
    """A thousand findings are counted, a few are told."""
    connection = views_over([{"offset": at, "state": "LOST"} for at in range(50)])
    check = audit(connection, "outcomes")
    assert (50, EXAMPLES) == (check.findings, len(check.examples))
