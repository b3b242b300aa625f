"""The spool worker: files of a folder through the same mediation, rate stages and ledger transaction as Kafka.

A file takes the place of a raw partition and the number of a line that of an offset. What the ledger holds of a file is
in its marks, so a worker that was killed goes on where the rows end; nothing else is remembered. While records are
rated and committed, partition by partition side by side, the next ones are read.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from typing import NamedTuple

import structlog

from pipeline.ledger.table import UsageLedger
from pipeline.mediation.batch import mediate_counting, split_by_call_group
from pipeline.mediation.registry import format_named
from pipeline.rate.stage import RateOutcome, RateStage
from pipeline.settings import Settings
from pipeline.sources.spool_files import FoundFile, KnownFiles, archive, find_files, identity, is_finished, safe_name
from pipeline.sources.spool_reader import SpoolReader
from pipeline.stream.messages import LegMessage
from rating.book import RateBook

log = structlog.get_logger(__name__)

_NANOS_PER_SECOND = 1_000_000_000


class SpoolReport(NamedTuple):
    """What a look at the spool came to."""

    by_state: Counter[str]
    """Records received, by what became of them."""
    skipped: int
    """Lines that are no CDRs."""
    finished: list[str]
    """Partitions of the files that were read to their end and archived."""

    @property
    def received(self) -> int:
        """Records that became a row of the ledger."""
        return self.by_state.total()


class _InHand(NamedTuple):
    """Mediated records on their way to the ledger: messages by partition of `cdr.leg`, and files that end with them."""

    messages: list[list[LegMessage]]
    ended: list[tuple[FoundFile, SpoolReader]]

    @property
    def rows(self) -> int:
        return sum(message.cdrs.num_rows for messages in self.messages for message in messages)


class SpoolWorker:
    """Reads the spool and owns every partition of the ledger. One for each ledger."""

    def __init__(
        self,
        settings: Settings,
        ledger: UsageLedger,
        book: Callable[[], RateBook],
        clock: Callable[[], datetime],
        on_bytes: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._on_bytes = on_bytes
        partitions = range(settings.kafka.leg_partitions)
        self._stages = [RateStage(partition, ledger, book, clock) for partition in partitions]
        self._known = KnownFiles(ledger.marks())
        self._readers: dict[str, SpoolReader] = {}
        # More threads than cores would only take turns, each with a batch in memory.
        self._raters = ThreadPoolExecutor(max(2, os.cpu_count() or 2), "rate")
        self._in_work: list[Future[RateOutcome]] = []
        self._ended: list[tuple[FoundFile, SpoolReader]] = []

    def look(self, *, final: bool, should_stop: Callable[[], bool] = lambda: False) -> SpoolReport:
        """Read everything that is there now. With `final` every file is taken as finished.

        `should_stop` is asked between batches; what is in hand is committed first. Raises what the ledger raises.
        """
        report, hand = SpoolReport(Counter(), 0, []), _InHand([[] for _ in self._stages], [])
        files = find_files(self._settings.spool_path, self._settings.sources)
        is_stopped = False
        for found in files:
            is_final = final or self._is_finished(found, files)
            reader = self._reader(found, final=is_final)
            if reader is None or (format_named(found.source.format).waits_for_end and not is_final):
                continue
            for mediated in self._batches(reader, found, hand, final=is_final):
                report = report._replace(skipped=report.skipped + mediated)
                if hand.rows >= self._settings.batch_rows:
                    self._hand_over(hand, report)
                if is_stopped := should_stop():
                    break
            if is_stopped:
                break
            if is_final:
                hand.ended.append((found, reader))
        self._hand_over(hand, report)
        self._settle(report)
        return report

    def give_up_open_legs(self) -> None:
        """Suspend the calls that nobody ended and whose time is over."""
        for stage in self._stages:
            stage.give_up_open_legs()

    def close(self) -> None:
        """Let what runs beside come to its end."""
        self._raters.shutdown()
        for stage in self._stages:
            stage.close()

    def _is_finished(self, found: FoundFile, files: Sequence[FoundFile]) -> bool:
        settle, idle = self._settings.spool_settle_seconds, self._settings.spool_idle_seconds
        now_ns = int(self._clock().timestamp()) * _NANOS_PER_SECOND
        return is_finished(found, files, now_ns, settle * _NANOS_PER_SECOND, idle * _NANOS_PER_SECOND)

    def _reader(self, found: FoundFile, *, final: bool) -> SpoolReader | None:
        """The reader of a file, placed where the partition that is furthest behind stands."""
        known = identity(found, final=final)
        if known is None:
            return None
        partition = self._known.partition(found, known)
        if partition not in self._readers:
            line = self._known.line_read(partition, len(self._stages))
            self._readers[partition] = SpoolReader(partition, line)
        return self._readers[partition]

    def _batches(self, reader: SpoolReader, found: FoundFile, hand: _InHand, *, final: bool) -> Iterator[int]:
        """Mediate batch by batch into the hand; yield how many lines of each were no CDRs."""
        while True:
            first = reader.line + 1
            raw = reader.read(found, self._settings.batch_rows, self._clock(), final=final)
            if raw is None:
                return
            mediated = mediate_counting(raw, reader.settings(found), late_days=self._settings.late_days)
            batches = split_by_call_group(mediated.cdrs, len(self._stages))
            for messages, cdrs in zip(hand.messages, batches, strict=True):
                messages.append(LegMessage(raw.partition, first, reader.line, cdrs, mediated.restarts))
            self._on_bytes(sum(map(len, raw.values)) + len(raw.values))
            yield mediated.skipped

    def _hand_over(self, hand: _InHand, report: SpoolReport) -> None:
        """Let what is in hand be rated and committed beside the reading of the next records; the hand is empty then."""
        self._settle(report)
        for stage, messages in zip(self._stages, hand.messages, strict=True):
            if messages:
                self._in_work.append(self._raters.submit(stage.process, tuple(messages), None))
            messages.clear()
        self._ended += hand.ended
        hand.ended.clear()

    def _settle(self, report: SpoolReport) -> None:
        """Wait for the commits of what was handed over, then archive the files that ended with it."""
        in_work, self._in_work = self._in_work, []
        wait(in_work)
        for outcome in in_work:
            report.by_state.update(outcome.result().by_state)
        for found, reader in self._ended:
            archive(found, reader.partition)
            log.info("file_finished", file=safe_name(found.path), partition=reader.partition, lines=reader.line)
            report.finished.append(reader.partition)
        self._ended.clear()
