"""The book as of now: loaded again when a file of its folder changes, and swapped as a whole.

A worker starts only with a book that loads. While it runs, a folder that does not load (a copy that is half done, a
mistake) leaves the last good book in force, with an alarm, and is tried again as soon as it changes once more.
"""

import time
from collections.abc import Callable
from pathlib import Path

import structlog
from prometheus_client import Counter, Gauge

from pipeline.book.folder import load_book
from pipeline.book.problems import BookFileError
from rating.book import RateBook

LOADED_AT = Gauge("worker_book_loaded_timestamp_seconds", "When the book in force was loaded, in seconds since 1970.")
FAILURES = Counter("worker_book_failures_total", "Times that a changed book could not be loaded. An alarm.")

log = structlog.get_logger(__name__)

Signature = frozenset[tuple[str, int, int]]


class WatchedBook:
    """The last good book of a folder. `current` may be called from any thread; `refresh` from one."""

    def __init__(self, path: Path, load: Callable[[Path], RateBook] = load_book) -> None:
        self._path = path
        self._load = load
        self._signature = _signature(path)
        self._seen = self._signature
        self._take(load(path))

    def current(self) -> RateBook:
        """The book in force."""
        return self._book

    @property
    def age_seconds(self) -> float:
        """Time since it was loaded."""
        return time.time() - self._loaded_at

    def refresh(self) -> bool:
        """Load again if files changed and have stood still since the last look; whether the book changed."""
        signature = _signature(self._path)
        is_still, self._seen = signature == self._seen, signature
        if signature == self._signature or not is_still:
            return False
        self._signature = signature
        try:
            book = self._load(self._path)
        except BookFileError as error:
            FAILURES.inc()
            log.error("book_not_loaded", in_force=self._book.hash, reason=str(error))  # noqa: TRY400 - no stack
            return False
        has_changed = book.hash != self._book.hash
        self._take(book)
        return has_changed

    def _take(self, book: RateBook) -> None:
        self._book = book
        self._loaded_at = time.time()
        LOADED_AT.set(self._loaded_at)
        log.info("book_loaded", path=str(self._path), book_hash=book.hash)


def _signature(path: Path) -> Signature:
    """Name, size and time of each file; enough to see that something changed."""
    found = set()
    for file in path.rglob("*"):
        try:
            status = file.stat()
        except FileNotFoundError:
            continue  # replaced while we looked; the next look sees the new one
        if file.is_file():
            found.add((str(file.relative_to(path)), status.st_size, status.st_mtime_ns))
    return frozenset(found)
