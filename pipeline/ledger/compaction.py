"""Compaction: many small files become few large ones, beside the appends of the workers.

A commit takes time for every live file, so small files are merged as soon as there are SMALL_FILES of them. The worker
that owns partition 0 of `cdr.leg` does it in a thread of its own; appends never conflict with it. Marks are part of the
log, not of the files, and survive compaction, checkpoint and clean-up.
"""

import threading
from typing import NamedTuple

import structlog
from deltalake.exceptions import CommitFailedError, DeltaError

from pipeline.ledger.errors import LedgerUnavailable
from pipeline.ledger.layout import COMPACTED, COMPACTED_FILE_BYTES
from pipeline.ledger.table import LEAVE_LOG, UsageLedger

SMALL_FILES = 200
"""Live files since the last compaction that make the next one due."""

log = structlog.get_logger(__name__)


class Compacted(NamedTuple):
    """What a compaction did."""

    files_before: int
    files_after: int


def compact(ledger: UsageLedger, file_bytes: int = COMPACTED_FILE_BYTES) -> Compacted:
    """Merge files smaller than `file_bytes`, write a checkpoint, and remove what no snapshot needs any longer.

    Raises LedgerUnavailable. Another compaction at the same time makes this one do nothing.
    """
    ledger.refresh()
    before = len(ledger.files())
    try:
        ledger.table.optimize.compact(
            target_size=file_bytes, max_concurrent_tasks=1, writer_properties=COMPACTED,
            post_commithook_properties=LEAVE_LOG,
        )  # fmt: skip
        ledger.table.create_checkpoint()
        ledger.table.cleanup_metadata()
        vacuum(ledger)
    except (CommitFailedError, FileNotFoundError) as error:
        log.info("compaction_lost_to_another", ledger=ledger.url, reason=str(error))
    except (DeltaError, OSError) as error:
        raise LedgerUnavailable(ledger.url, "compacted", error) from error
    ledger.refresh()
    return Compacted(before, len(ledger.files()))


def vacuum(ledger: UsageLedger, *, dry_run: bool = False, hours: int | None = None) -> list[str]:
    """Delete data files that no snapshot of the last `hours` needs; return their names.

    `hours` defaults to the ledger's own retention (24). Fewer may break a reader that is still at work.
    """
    ledger.refresh()
    return list(ledger.table.vacuum(retention_hours=hours, dry_run=dry_run, enforce_retention_duration=hours is None))


class BackgroundCompaction:
    """Compacts in a thread whenever enough small files have come together."""

    def __init__(self, ledger: UsageLedger) -> None:
        self._ledger = ledger.another_handle()
        self._files_left = 0
        self._thread: threading.Thread | None = None

    def start_if_due(self, live_files: int) -> bool:
        """Start a compaction unless one is running or few files came since the last one."""
        if live_files - self._files_left < SMALL_FILES or (self._thread and self._thread.is_alive()):
            return False
        self._thread = threading.Thread(target=self._run, name="ledger-compaction", daemon=True)
        self._thread.start()
        return True

    def wait(self) -> None:
        """Let a running compaction come to its end."""
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        try:
            done = compact(self._ledger)
        except LedgerUnavailable as error:
            # The appends of this worker meet the same store and stop it if the trouble lasts.
            log.warning("compaction_failed", ledger=self._ledger.url, reason=str(error))
            return
        self._files_left = done.files_after
        log.info("ledger_compacted", ledger=self._ledger.url, **done._asdict())
