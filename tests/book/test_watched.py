"""The book of a running worker: swapped when files change, kept when they do not load."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.book import BookFileError
from pipeline.book.watched import FAILURES, WatchedBook

BOOK = Path(__file__).resolve().parents[2] / "data" / "book"
DECK = "decks/us-outbound.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BOOK, tmp_path / "book"))


def edit(folder: Path, name: str, change: Callable[[str], str]) -> None:
    file = folder / name
    file.write_text(change(file.read_text()))


def dearer(text: str) -> str:
    return text.replace("usd-001,1,United States,PRICED,0.0075", "usd-001,1,United States,PRICED,0.01500")


def look_twice(book: WatchedBook) -> bool:
    """The first look sees that something moves, the second that it stands still."""
    assert not book.refresh()
    return book.refresh()


def test_a_changed_file_makes_another_book(folder: Path) -> None:
    """After a new rate the book has another hash; what held the old one still holds it."""
    book = WatchedBook(folder)
    old = book.current()
    edit(folder, DECK, dearer)
    assert look_twice(book)
    assert old.hash != book.current().hash
    assert not book.refresh()


def test_files_that_still_change_are_not_loaded(folder: Path) -> None:
    """A copy that is under way is waited for: only a look that finds nothing new since the last one loads."""
    book = WatchedBook(folder)
    old = book.current()
    for number in range(3):
        row = f"usd-9{number},21{number},New,PRICED,1,0,6,6,2026-01-01T00:00:00Z,\n"
        edit(folder, DECK, lambda text, row=row: text + row)
        assert not book.refresh()
        assert old is book.current()
    assert book.refresh()


def test_a_book_that_does_not_load_leaves_the_old_one_in_force(folder: Path) -> None:
    """An alarm is counted; the next change is tried again."""
    book = WatchedBook(folder)
    old, failures = book.current(), FAILURES._value.get()
    edit(folder, "plans.yaml", lambda text: text + "- plan_id: [half")
    assert not look_twice(book)
    assert (old, failures + 1) == (book.current(), FAILURES._value.get())
    edit(folder, "plans.yaml", lambda text: text.removesuffix("- plan_id: [half"))
    edit(folder, DECK, dearer)
    assert look_twice(book)


def test_a_file_that_was_only_touched_changes_nothing(folder: Path) -> None:
    """The same content is the same book."""
    book = WatchedBook(folder)
    edit(folder, DECK, lambda text: text)
    assert not look_twice(book)
    assert book.age_seconds < 60


def test_a_worker_does_not_start_without_a_book(tmp_path: Path) -> None:
    """Broken reference data at the start is for a person."""
    with pytest.raises(BookFileError, match="no folder"):
        WatchedBook(tmp_path / "nothing")
