"""The rate stage of one `cdr.leg` partition: judge, rate and commit a batch, exactly once.

The ledger is the only state and the only position (ARCHITECTURE 2). The steps are numbered as there.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import structlog

from pipeline.ledger.compaction import BackgroundCompaction
from pipeline.ledger.errors import ConcurrentWriter
from pipeline.ledger.marks import corrections_mark, leg_mark, raw_mark
from pipeline.ledger.table import UsageLedger
from pipeline.rate import metrics
from pipeline.rate.arrivals import Arrivals, Gap, new_arrivals
from pipeline.rate.judge import Judge, Judgement
from pipeline.rate.rows import Stamp, ledger_rows, with_records
from pipeline.stream.messages import LegMessage
from rating.batch import rate_batch
from rating.book import RateBook
from schemas.cdr import CDR_SCHEMA
from schemas.outcomes import State

log = structlog.get_logger(__name__)

_NO_CDRS = pa.RecordBatch.from_pylist([], CDR_SCHEMA)


class RateOutcome(NamedTuple):
    """What one batch came to."""

    by_state: Mapping[str, int]
    """Records received, by what became of them."""
    messages_dropped: int = 0
    gaps: Sequence[Gap] = ()
    version: int | None = None
    """Commit of the ledger; None if there was nothing new."""


class RateStage:
    """The only writer of its partition. Not for two threads at once."""

    def __init__(
        self, leg_partition: int, ledger: UsageLedger, book: Callable[[], RateBook], clock: Callable[[], datetime]
    ) -> None:
        self._leg_partition = leg_partition
        self._ledger = ledger.another_handle()
        self._books = ledger.books()
        self._book = book
        self._clock = clock
        self._judge = Judge(self._ledger, leg_partition, clock)
        self._marks: dict[str, int | None] = {}
        self._compaction = BackgroundCompaction(ledger) if leg_partition == 0 else None

    def process(self, messages: Sequence[LegMessage], last_offset: int | None) -> RateOutcome:
        """Commit what is new in a batch of messages (step 1); `last_offset` is that of the last one in `cdr.leg`.

        The spool, which has no such topic, passes None. Raises ConcurrentWriter if the partition has another writer
        by now, LedgerUnavailable if the store fails; then nothing was written and the worker ends.
        """
        with metrics.BATCH_SECONDS.time():
            outcome = self._unless_corrected(lambda: self._process(messages, last_offset))
        self._report(outcome)
        return outcome

    def give_up_open_legs(self) -> RateOutcome:
        """Suspend the calls that nobody ended and whose time is over: NO_STOP and ORPHAN_INTERIM."""
        outcome = self._unless_corrected(self._give_up)
        self._report(outcome)
        return outcome

    def close(self) -> None:
        """Let a compaction that is running come to its end."""
        if self._compaction:
            self._compaction.wait()

    def _unless_corrected(self, attempt: Callable[[], RateOutcome]) -> RateOutcome:
        """Try again when a person's correction came first; the partition is still this worker's."""
        try:
            return attempt()
        except ConcurrentWriter:
            self._ledger.refresh()
            names = [name for name in self._marks if name != self._corrections]
            if any(self._ledger.mark(name) != self._marks[name] for name in names):
                raise
            return attempt()

    @property
    def _corrections(self) -> str:
        return corrections_mark(self._leg_partition)

    def _process(self, messages: Sequence[LegMessage], last_offset: int | None) -> RateOutcome:
        marks = self._read_marks({message.raw_partition for message in messages})
        arrivals = self._drop_known(messages, last_offset, marks)
        outcome = RateOutcome({}, arrivals.messages_dropped, arrivals.gaps)
        if not arrivals.upto:
            return outcome
        moved = {raw_mark(self._leg_partition, raw): upto for raw, upto in arrivals.upto.items()}
        if last_offset is not None:
            moved[leg_mark(self._leg_partition)] = last_offset
        counts = self._commit(arrivals.cdrs, self._judge.judge(arrivals.cdrs, restarts=arrivals.restarts), moved)
        return outcome._replace(by_state=counts, version=self._ledger.version)

    def _give_up(self) -> RateOutcome:
        self._read_marks(set())
        judgement = self._judge.give_up(self._clock())
        if not judgement.replacements:
            return RateOutcome({})
        self._commit(_NO_CDRS, judgement, {})
        return RateOutcome({}, version=self._ledger.version)

    def _read_marks(self, raw_partitions: set[str]) -> dict[str, int | None]:
        """Step 2: read both kinds of marks from the table, never from memory.

        If somebody else has moved one, or corrected the ledger, what was remembered of it is void.
        """
        self._ledger.refresh()
        names = [leg_mark(self._leg_partition), self._corrections]
        names += [raw_mark(self._leg_partition, partition) for partition in raw_partitions]
        marks = {name: self._ledger.mark(name) for name in names}
        if any(self._marks.get(name) != mark for name, mark in marks.items()):
            self._judge.forget()
        self._marks |= marks
        return marks

    def _drop_known(
        self, messages: Sequence[LegMessage], last_offset: int | None, marks: Mapping[str, int | None]
    ) -> Arrivals:
        """Step 3: drop messages at or below the first mark, and records at or below the second."""
        leg = marks[leg_mark(self._leg_partition)]
        fresh = len(messages)
        if last_offset is not None and leg is not None:
            fresh = max(0, min(fresh, last_offset - leg))
        known = len(messages) - fresh
        arrivals = new_arrivals(messages[known:], lambda raw: marks[raw_mark(self._leg_partition, raw)])
        return arrivals._replace(messages_dropped=arrivals.messages_dropped + known)

    def _commit(self, cdrs: pa.RecordBatch, judgement: Judgement, moved: Mapping[str, int]) -> Mapping[str, int]:
        """Steps 4 and 5: rate, then commit rows and marks."""
        book = self._book()
        self._books.keep(book.hash, book.snapshot)
        records, bookkeeping = with_records(cdrs, judgement)
        stamp = Stamp(self._leg_partition, self._clock(), book.hash)
        rows = ledger_rows(records, rate_batch(records, book), bookkeeping, stamp)
        marks = dict(moved)
        if judgement.replacements:
            marks[self._corrections] = (self._marks[self._corrections] or 0) + 1
        self._ledger.append(rows, marks)
        self._marks |= marks
        received = rows.slice(0, cdrs.num_rows)
        names_rows = judgement.legs or judgement.media
        self._judge.remember(judgement, received.column("row_id").to_pylist() if names_rows else ())
        if self._compaction:
            self._compaction.start_if_due(len(self._ledger.files()))
        return _counted(received.column("state"))

    def _report(self, outcome: RateOutcome) -> None:
        for state in State:
            metrics.CDRS.labels(state).inc(outcome.by_state.get(state, 0))
        metrics.DROPPED.inc(outcome.messages_dropped)
        for gap in outcome.gaps:
            metrics.GAPS.inc()
            log.error("raw_offsets_missing", leg_partition=self._leg_partition, **gap._asdict())
        if outcome.version is not None:
            log.info(
                "batch_committed", leg_partition=self._leg_partition, version=outcome.version,
                dropped=outcome.messages_dropped, **outcome.by_state,
            )  # fmt: skip


def _counted(states: pa.ChunkedArray) -> Counter[str]:
    """How many records have each state."""
    found = pc.value_counts(states.cast(pa.string()))
    return Counter(dict(zip(*(found.field(name).to_pylist() for name in ("values", "counts")), strict=True)))
