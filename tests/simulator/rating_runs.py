"""Simulated spools through the worker, in one go or with kills, and the comparison with their truth."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.book import load_book
from pipeline.ledger.table import UsageLedger
from pipeline.rate.stage import RateStage
from pipeline.settings import KafkaSettings, Settings
from pipeline.simulator import Sbc
from pipeline.simulator.audit import Audit, audit_ledger
from pipeline.sources.spool import SpoolWorker
from pipeline.sql.connection import connect_to
from tests.simulator.runs import BOOK, NEVER_TOO_OLD

NOW = datetime(2026, 11, 20, tzinfo=UTC)


class Killed(Exception):
    """The worker is gone; what was not committed is lost."""


def settings_of(
    folder: Path, sbcs: Sequence[Sbc], book: Path = BOOK, *, partitions: int = 4, rows: int = 200_000
) -> Settings:
    """The spool, the ledger and the book of a run."""
    return Settings(
        ledger_url=str(folder / "ledger"), book_path=book, spool_path=folder / "spool", late_days=NEVER_TOO_OLD,
        sources=tuple(sbc.settings for sbc in sbcs), batch_rows=rows, kafka=KafkaSettings(leg_partitions=partitions),
    )  # fmt: skip


def rate_spool(settings: Settings, now: datetime = NOW) -> UsageLedger:
    """Rate all files as a worker does at that time, and give up the calls that nobody ended."""
    book, ledger = load_book(settings.book_path), UsageLedger.open(settings.ledger_url)
    worker = SpoolWorker(settings, ledger, lambda: book, lambda: now)
    try:
        worker.look(final=True)
        worker.give_up_open_legs()
    finally:
        worker.close()
    return UsageLedger.open(settings.ledger_url)


def rate_with_a_kill(settings: Settings, commits: int, patch: pytest.MonkeyPatch) -> UsageLedger:
    """A first worker is killed in front of its commit number `commits`; a second one does what is left."""
    left, process = [commits], RateStage.process

    def deadly(stage: RateStage, *arguments: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return process(stage, *arguments)  # type: ignore[arg-type]

    with patch.context() as patched:
        patched.setattr(RateStage, "process", deadly)
        with pytest.raises(Killed):
            rate_spool(settings)
    return rate_spool(settings)


def compared(ledger: UsageLedger, folder: Path) -> Audit:
    """The ledger against the truth beside the spool."""
    return audit_ledger(connect_to(ledger), folder / "truth.parquet")
