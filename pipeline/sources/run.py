"""`trunkline worker --spool`: look at the spool again and again until asked to stop, or once."""

import signal
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

import structlog

from pipeline.book.watched import WatchedBook
from pipeline.ledger.table import UsageLedger
from pipeline.memory import collect_seldom, use_common_memory
from pipeline.rate.corrections import Corrections
from pipeline.registry.book_source import followed_book
from pipeline.settings import Settings
from pipeline.sources.spool import SpoolReport, SpoolWorker
from pipeline.sources.spool_files import find_files, unknown_folders
from pipeline.usage.watch import UsageWatch

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.5
"""Pause between two looks at the spool; it keeps a record from waiting for a second."""
CHORE_SECONDS = 60
"""How often open calls whose time may be over are looked at, and fair use."""


class NoSpool(Exception):
    """There is nothing to read: the settings name no spool folder or no source."""


def spool_bytes(settings: Settings) -> int:
    """Bytes that lie in the spool now."""
    return sum(found.bytes for found in find_files(settings.spool_path, settings.sources))


def run_spool(settings: Settings, *, once: bool, on_bytes: Callable[[int], None] = lambda _: None) -> SpoolReport:
    """Rate the files of the spool; with `once` all that lie there now, each taken as finished.

    SIGTERM and Ctrl-C end it after the batch in hand. Raises NoSpool, BookFileError and the errors of the ledger.
    """
    _check(settings)
    use_common_memory()
    stop = _stop_on_signals()
    ledger = UsageLedger.open(settings.ledger_url, settings.storage_options)
    book = followed_book(settings)
    worker = SpoolWorker(settings, ledger, book.current, _now, on_bytes)
    collect_seldom()

    usage = UsageWatch(ledger, book.current, _now)

    def replay() -> None:
        Corrections(settings, ledger, book.current(), _now).replay_unknown_trunks()

    def every_minute() -> None:
        worker.give_up_open_legs()
        usage.look()

    try:
        replay()
        report = worker.look(final=once, should_stop=stop.is_set)
        if once:
            worker.give_up_open_legs()
        else:
            report = _keep_looking(worker, book, _Chores(replay, every_minute), stop, report)
    finally:
        worker.close()
    return report


def _now() -> datetime:
    return datetime.now(UTC)


class _Chores(NamedTuple):
    """What else there is to do while a spool is watched."""

    on_new_book: Callable[[], None]
    every_minute: Callable[[], None]


def _keep_looking(
    worker: SpoolWorker, book: WatchedBook, chores: _Chores, stop: threading.Event, report: SpoolReport
) -> SpoolReport:
    looks = 0
    while not stop.wait(LOOK_SECONDS):
        # The book first: calls of a trunk that was made a moment ago need no second rating.
        if book.refresh():
            chores.on_new_book()
        found = worker.look(final=False, should_stop=stop.is_set)
        report = SpoolReport(
            Counter(report.by_state + found.by_state),
            report.skipped + found.skipped,
            report.finished + found.finished,
        )
        looks += 1
        if looks * LOOK_SECONDS >= CHORE_SECONDS:
            looks = 0
            chores.every_minute()
    return report


def _check(settings: Settings) -> None:
    if not settings.sources:
        raise NoSpool("No source is configured. Name each feed under `sources:` in trunkline.yaml, with its format.")
    if not settings.spool_path.is_dir():
        names = ", ".join(source.name for source in settings.sources)
        raise NoSpool(
            f"The spool folder {settings.spool_path} is not there. Make it, with a sub-folder for each source "
            f"({names}), or name another one in spool_path."
        )
    for name in unknown_folders(settings.spool_path, settings.sources):
        log.warning("spool_folder_without_source", folder=name, advice="add it under `sources:` in trunkline.yaml")


def _stop_on_signals() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set; only the main thread may listen to them."""
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    return stop
