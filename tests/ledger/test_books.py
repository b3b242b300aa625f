"""The shelf of book snapshots beside the ledger."""

import pytest

from pipeline.ledger.books import UnknownBook
from pipeline.ledger.table import UsageLedger


@pytest.fixture
def ledger(tmp_path) -> UsageLedger:
    return UsageLedger.open(str(tmp_path / "ledger"))


def test_a_snapshot_is_read_back(ledger):
    """The bytes come back as they were, in another process too."""
    ledger.books().keep("abc", b'{"decks": []}')
    assert b'{"decks": []}' == ledger.books().read("abc")


def test_the_shelf_is_not_the_ledger(ledger):
    """Keeping a snapshot moves no version of the ledger."""
    ledger.books().keep("abc", b"1")
    ledger.refresh()
    assert 0 == ledger.version


def test_a_snapshot_is_kept_once(ledger):
    """Keeping the same hash again, from any handle, writes nothing."""
    shelf, other = ledger.books(), ledger.books()
    for keeper in (shelf, shelf, other):
        keeper.keep("abc", b"1")
    assert {"abc"} == ledger.books().hashes()
    assert 1 == ledger.books()._table.version()


def test_an_unknown_hash_says_what_to_do(ledger):
    """A snapshot that is missing is named, with the folder to restore."""
    with pytest.raises(UnknownBook, match=r"no snapshot of book abc.*restore the folder books"):
        ledger.books().read("abc")
