"""The book that workers rate with: the folder's data with the registry on top, as of a moment ago.

`followed_book(settings)` is a WatchedBook, so a worker cannot tell the difference: `current` gives the book in
force, `refresh` looks whether folder or registry have changed. Without a registry it is the folder alone.
"""

from pathlib import Path

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy.exc import SQLAlchemyError

from pipeline.book.folder import load_book
from pipeline.book.watched import WatchedBook
from pipeline.registry.feeds import DatabaseFeed, Feed
from pipeline.registry.merge import Content, merge
from pipeline.registry.opened import open_database
from pipeline.settings import Settings
from rating.book import RateBook
from rating.book_problems import BookError
from schemas.reference import ReferenceData

LEFT_OUT = Gauge("worker_registry_left_out", "Trunks and addresses of the registry that do not fit the book. An alarm.")
UNREACHABLE = Counter("worker_registry_failures_total", "Times that the registry could not be read. An alarm.")

log = structlog.get_logger(__name__)


class FollowedBook(WatchedBook):
    """The last good book of a folder and a registry. `current` may be called from any thread; `refresh` from one."""

    def __init__(self, path: Path, feed: Feed) -> None:
        self._feed = feed
        self._content = feed.news() or Content()
        self._folder = ReferenceData()
        super().__init__(path, self._load_both)

    def refresh(self) -> bool:
        """Load again what changed in the folder or in the registry; whether the book changed."""
        changed = super().refresh()
        try:
            content = self._feed.news()
        except (SQLAlchemyError, OSError) as error:
            UNREACHABLE.inc()
            log.error("registry_not_read", in_force=self.current().hash, reason=str(error))  # noqa: TRY400
            return changed
        if content is None:
            return changed
        self._content = content
        try:
            book = self._merged()
        except BookError as error:
            UNREACHABLE.inc()
            log.error("registry_not_merged", in_force=self.current().hash, reason=str(error))  # noqa: TRY400
            return changed
        if book.hash != self.current().hash:
            self._take(book)
            changed = True
        return changed

    def close(self) -> None:
        """Let go of the registry."""
        self._feed.close()

    def _load_both(self, path: Path) -> RateBook:
        self._folder = ReferenceData.model_validate_json(load_book(path).snapshot)
        return self._merged()

    def _merged(self) -> RateBook:
        merged = merge(self._folder, self._content)
        LEFT_OUT.set(len({(problem.table, problem.name) for problem in merged.problems}))
        for problem in merged.problems:
            log.warning("registry_entry_left_out", problem=str(problem))
        return RateBook.build(**{name: getattr(merged.data, name) for name in ReferenceData.model_fields})


def followed_book(settings: Settings) -> WatchedBook:
    """The book of these settings, with the registry's database on top if there is one."""
    if settings.registry_url is None:
        return WatchedBook(settings.book_path)
    return FollowedBook(settings.book_path, DatabaseFeed(open_database(settings.registry_url)))


def current_book(settings: Settings) -> RateBook:
    """The book as of now, for work that is done once: close, corrections, reports. Raises BookFileError."""
    if settings.registry_url is None:
        return load_book(settings.book_path)
    book = FollowedBook(settings.book_path, DatabaseFeed(open_database(settings.registry_url)))
    try:
        return book.current()
    finally:
        book.close()
