"""Corrections of the ledger: replay of rejects, corrected records, re-rating, and files that are taken back.

Each is a set of rows that take the place of others, with author and reason, in commits of their own
(`pipeline.rate.replacing`). Done twice, the second time changes nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import structlog

from pipeline.ledger.table import UsageLedger
from pipeline.mediation.batch import leg_partition_of
from pipeline.rate import metrics
from pipeline.rate.identity import PARSE_FAILURES
from pipeline.rate.judge import Judge, Judgement, undecided
from pipeline.rate.reading import FINAL, cdr_batch, records_again, records_of
from pipeline.rate.replacing import Replacing, commit_replacements, current_rows, each_day, rerated
from pipeline.rate.rows import Stamp
from pipeline.settings import Settings
from pipeline.sources.spool_files import generation, roll_back_mark
from rating.book import RateBook
from schemas.cdr import CDR, cdrs_to_arrow
from schemas.ledger import USAGE_SCHEMA
from schemas.outcomes import RejectReason, State

log = structlog.get_logger(__name__)

_UNREAD = pc.field("reject_reason").isin(list(PARSE_FAILURES))


Records = Callable[[pa.Table], tuple[pa.RecordBatch, Judgement]]
"""From rows to the records that take their place, and the verdicts on them."""


class Author(NamedTuple):
    """Who corrects, and why."""

    name: str
    note: str


class Corrected(NamedTuple):
    """What a correction came to."""

    looked_at: int
    """Current rows that it was about."""
    by_state: Mapping[str, int]
    """Rows that were written, by their new state; the rest did not change."""


class Corrections:
    """Corrects the rows of one ledger, on behalf of an author. Workers may go on beside it."""

    def __init__(
        self,
        settings: Settings,
        ledger: UsageLedger,
        book: RateBook,
        clock: Callable[[], datetime],
        author: Author | None = None,
        *,
        partitions: Iterable[int] | None = None,
    ) -> None:
        self._settings = settings
        self._ledger = ledger.another_handle()
        self._book = book
        self._clock = clock
        self._author = author
        self._partitions = tuple(range(settings.kafka.leg_partitions) if partitions is None else partitions)
        """Partitions whose rows are looked at; all of them unless a worker replays those that it owns."""

    def replay(self, reasons: Sequence[str] = (), sources: Sequence[str] = ()) -> Corrected:
        """Try rejected records again with today's book and settings; empty selections mean all."""
        where = (pc.field("state") == State.REJECTED) & ~pc.field("reject_reason").isin(list(FINAL))
        where = where & _among("reject_reason", reasons) & _among("source", sources)
        read = self._each_day(where & ~_UNREAD, lambda rows: records_again(rows, self._settings))
        arrived = [self._read_again(*place, where & _UNREAD) for place in self._places(where & _UNREAD)]
        return _total([read, *arrived])

    def replay_unknown_trunks(self) -> Corrected:
        """Try the calls again whose trunk was not known: what a worker does when the book has changed."""
        replayed = self.replay([RejectReason.UNKNOWN_TRUNK])
        written = sum(replayed.by_state.values())
        if written:
            metrics.REPLAYED.inc(written)
            log.info("unknown_trunks_replayed", **replayed.by_state)
        return replayed

    def correct(self, cdr_id: str, change: Callable[[CDR], CDR]) -> Corrected:
        """Replace the record of that id by what `change` makes of it, and rate it.

        Its duplicates stay, and so does another record of the same id with other content (KEY_CONFLICT): the two are
        one call, which may be billed once.
        """
        where = (pc.field("cdr_id") == cdr_id) & ~pc.field("state").isin([State.DUPLICATE, State.MERGED])
        where = where & ~pc.field("reject_reason").isin([RejectReason.KEY_CONFLICT])
        return self._each_day(where, lambda rows: [change(cdr) for cdr in records_of(rows)])

    def rerate(self, where: pc.Expression) -> Corrected:
        """Price rated rows again with this book; `where` says which, by columns of the ledger."""
        rated = (pc.field("state") == State.RATED) & where
        return _total(
            self._replaced(partition, day, rated, lambda old: (cdr_batch(old), _as_they_are(old)))
            for partition, day in self._places(rated)
        )

    def roll_back(self, partition: str) -> Corrected:
        """Take all rows of a file back and let it be loaded again (PRODUCT.md, Money after rating 4)."""
        where = pc.field("partition") == partition
        taken = _total(
            self._replaced(number, day, where, lambda old: (self._taken_back(old), _as_they_are(old)))
            for number, day in self._places(where)
        )
        if taken.looked_at:
            self._ledger.refresh()
            self._ledger.append(USAGE_SCHEMA.empty_table(), {roll_back_mark(partition): generation(partition) + 1})
        return taken

    def _each_day(self, where: pc.Expression, records: Callable[[pa.Table], Sequence[CDR]]) -> Corrected:
        """Rows whose record has its key already: their legs are looked at again, and they are rated."""

        def judged(partition: int) -> Records:
            def of(old: pa.Table) -> tuple[pa.RecordBatch, Judgement]:
                cdrs = cdrs_to_arrow(records(old))
                return cdrs, Judge(self._ledger, partition, self._clock).judge(cdrs, are_known=True)

            return of

        places = self._places(where)
        return _total(self._replaced(partition, day, where, judged(partition)) for partition, day in places)

    def _places(self, where: pc.Expression) -> list[tuple[int, date]]:
        return list(each_day(self._ledger, self._partitions, where))

    def _replaced(
        self,
        partition: int,
        day: date,
        where: pc.Expression,
        records: Records,
    ) -> Corrected:
        def replacing() -> Replacing:
            old = current_rows(self._ledger, partition, day, where)
            return self._rerated(old, *records(old), partition)

        return self._committed([partition], replacing)

    def _read_again(self, partition: int, day: date, where: pc.Expression) -> Corrected:
        """Rows whose bytes could not be read: if they can now, the record arrives in the partition of its call."""
        old = current_rows(self._ledger, partition, day, where)
        cdrs = records_again(old, self._settings)
        readable: dict[int, list[int]] = defaultdict(list)
        for at, cdr in enumerate(cdrs):
            if cdr.reject_reason not in PARSE_FAILURES:
                target = leg_partition_of(cdr.call_group_id.encode(), self._settings.kafka.leg_partitions)
                readable[target].append(at)
        still = len(old) - sum(map(len, readable.values()))
        return _total([
            Corrected(still, {}),
            *(
                self._arrived({partition, target}, target, old.take(at), [cdrs[position] for position in at])
                for target, at in readable.items()
            ),
        ])  # fmt: skip

    def _arrived(self, partitions: Iterable[int], target: int, old: pa.Table, records: Sequence[CDR]) -> Corrected:
        cdrs = cdrs_to_arrow(records)

        def replacing() -> Replacing:
            judgement = Judge(self._ledger, target, self._clock).judge(cdrs)
            return self._rerated(old, cdrs, judgement, target)

        return self._committed(partitions, replacing)

    def _taken_back(self, old: pa.Table) -> pa.RecordBatch:
        who = f"{self._author.name}: {self._author.note}" if self._author else "nobody named"
        detail = f"The file was rolled back by {who}. Load it again if its records are right."
        return cdrs_to_arrow(
            cdr._replace(reject_reason=RejectReason.ROLLED_BACK, reject_detail=detail) for cdr in records_of(old)
        )

    def _rerated(self, old: pa.Table, cdrs: pa.RecordBatch, judgement: Judgement, partition: int) -> Replacing:
        who = self._author
        stamp = Stamp(partition, self._clock(), self._book.hash, who and who.name, who and who.note)
        return rerated(old, cdrs, judgement, self._book, stamp)

    def _committed(self, partitions: Iterable[int], replacing: Callable[[], Replacing]) -> Corrected:
        self._ledger.books().keep(self._book.hash, self._book.snapshot)
        written = commit_replacements(self._ledger, sorted(partitions), replacing)
        return Corrected(written.looked_at, Counter(written.rows.column("state").to_pylist()))


def _among(column: str, values: Sequence[str]) -> pc.Expression:
    return pc.field(column).isin(list(values)) if values else pc.field("row_id").is_valid()


def _as_they_are(old: pa.Table) -> Judgement:
    return undecided(len(old), old.slice(0, 0))


def _total(parts: Iterable[Corrected]) -> Corrected:
    looked_at, by_state = 0, Counter[str]()
    for part in parts:
        looked_at += part.looked_at
        by_state.update(part.by_state)
    return Corrected(looked_at, by_state)
