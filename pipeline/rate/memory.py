"""What the ledger holds of one `cdr.leg` partition, as far as new records have to be compared with it.

Keys are read by day of answer when a record of that day comes, and kept within a bound: 24 bytes for each key (96 bits
of the key, 32 of the content, 64 of the call), so that a day of 800,000 CDRs is 19 MB. Open calls are read once, when
the partition is taken over. Nothing here is state of its own; it can be forgotten at any time.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.ledger.table import UsageLedger
from pipeline.rate.identity import CALL_COLUMNS, IDENTITY_COLUMNS, KEY_COLUMNS, PARSE_FAILURES, Identifier, identified
from pipeline.rate.legs import OPEN_PARTS, SUSPENDED, Part, Row
from pipeline.rate.recent import RecentCalls
from pipeline.rate.sorted_hashes import SortedHashes, packed
from schemas.cdr import CDR_SCHEMA, RecordType, cdrs_from_arrow, cdrs_to_arrow
from schemas.outcomes import RejectReason, State

KEYS_MAX = 4_000_000
"""Keys kept at most, unless one day alone has more."""
DAYS_AT_ONCE = 8
"""Days whose keys are read with one scan."""
OPEN_DAYS = 100
"""Open calls that began longer ago are not looked for; a record as old is TOO_OLD before."""

_NOT_KEPT = [*PARSE_FAILURES, RejectReason.KEY_CONFLICT, RejectReason.ROLLED_BACK]
_KEPT = (pc.field("state") != State.DUPLICATE) & ~pc.field("reject_reason").isin(_NOT_KEPT)
_SUSPENDED = pc.field("reject_reason").isin(list(SUSPENDED))
_OPEN = (pc.field("state") == State.PENDING) | _SUSPENDED
_OPEN_OR_MERGED = pc.field("record_type").isin([*OPEN_PARTS, RecordType.MEDIA]) & (
    _OPEN | (pc.field("state") == State.MERGED)
)
_ROW_COLUMNS = ["row_id", "version", "state", "duplicate_of"]


class _Day(NamedTuple):
    keys: SortedHashes
    calls: SortedHashes


class PartitionMemory:
    """Keys, calls and open legs of one partition; it reads through the ledger handle of the partition's writer."""

    def __init__(
        self,
        ledger: UsageLedger,
        leg_partition: int,
        identifier: Identifier,
        clock: Callable[[], datetime],
        *,
        keys_max: int = KEYS_MAX,
    ) -> None:
        self._ledger = ledger
        self._leg_partition = leg_partition
        self._identifier = identifier
        self._clock = clock
        self._keys_max = keys_max
        self._nothing = identified(identifier, pa.RecordBatch.from_pylist([], CDR_SCHEMA)).select(CALL_COLUMNS)
        self.forget()

    def forget(self) -> None:
        """Drop everything: the ledger was written to by somebody else."""
        self._days: OrderedDict[date, _Day] = OrderedDict()
        self._recent = RecentCalls()
        self._open: dict[int, list[Part]] | None = None
        self._media: dict[int, list[Part]] = {}

    def contents(self, identities: pa.Table) -> npt.NDArray[np.int64]:
        """For each record half of the content hash that its key has in the ledger; -1 for a new key."""
        found = np.full(len(identities), -1, np.int64)
        for day, rows in self._by_known_day(identities):
            high, low = (identities.column(name).to_numpy()[rows] for name in ("key_high", "key_low"))
            found[rows] = self._days[day].keys.find(high, low)
        return found

    def calls(self, wanted: pa.Table) -> pa.Table:
        """CALL_COLUMNS of the kept records whose group is among those of `wanted`, the oldest first."""
        groups = wanted.column("group").to_numpy()
        found = self._recent.of_groups(groups)
        for day, rows in self._by_known_day(wanted):
            hits = rows[self._days[day].calls.contain(groups[rows])]
            if len(hits):
                found.insert(0, self._calls_in_ledger(day, wanted.take(hits)))
        return pa.concat_tables(found) if found else self._nothing

    def open_legs(self) -> Mapping[int, Sequence[Part]]:
        """The parts that wait for the rest of their leg, by chain hash."""
        return self._loaded_open()

    def waiting_media(self) -> Mapping[int, Sequence[Part]]:
        """The media records that wait for their leg, by the hash of their call's STOP records."""
        self._loaded_open()
        return self._media

    def _loaded_open(self) -> dict[int, list[Part]]:
        if self._open is None:
            self._open, self._media = self._load_open()
        return self._open

    def remember(self, kept: pa.Table) -> None:
        """Take in the identities of the records that a commit has just kept."""
        keys = kept.select(KEY_COLUMNS)
        for day, rows in _by_day(keys):
            if day in self._days:
                _add_keys(self._days[day].keys, keys.take(rows))
        for gone in self._recent.add(kept.filter(kept.column("sound")).select(CALL_COLUMNS)):
            for day, rows in _by_day(gone):
                if day in self._days:
                    self._days[day].calls.add(gone.column("group").to_numpy()[rows])

    def remember_leg(self, chain: int, waiting: Sequence[Part]) -> None:
        """Take in what a commit has left of a leg: its waiting parts, or none when it is complete."""
        if self._open is not None:
            self._open.pop(chain, None)
            if waiting:
                self._open[chain] = list(waiting)

    def remember_media(self, call: int, waiting: Sequence[Part]) -> None:
        """Take in which media records of a call still wait."""
        self._loaded_open()
        self._media.pop(call, None)
        if waiting:
            self._media[call] = list(waiting)

    def current_leg(self, day: date, cdr_id: str) -> Part | None:
        """The current row of a record that carries a leg."""
        wanted = (pc.field("cdr_id") == cdr_id) & ~pc.field("state").isin([State.DUPLICATE, State.MERGED])
        wanted = wanted & ~pc.field("reject_reason").isin(_NOT_KEPT)
        rows = self._ledger.read([*_ROW_COLUMNS, *CDR_SCHEMA.names], [day], self._leg_partition, wanted)
        parts = sorted(_parts(rows), key=lambda part: part.row.version if part.row else 0)
        return parts[-1] if parts else None

    def conflicts(self, identities: pa.Table) -> set[tuple[str, bytes]]:
        """Id and raw hash of the records among these that were here before as conflicts; there are few."""
        wanted = pc.field("cdr_id").isin(pc.unique(identities.column("cdr_id")))
        wanted = wanted & (pc.field("reject_reason") == RejectReason.KEY_CONFLICT)
        days = pc.unique(identities.column("day")).to_pylist()
        found = self._ledger.read(["cdr_id", "raw_sha256"], days, self._leg_partition, wanted)
        return set(zip(found.column("cdr_id").to_pylist(), found.column("raw_sha256").to_pylist(), strict=True))

    def _by_known_day(self, identities: pa.Table) -> Iterator[tuple[date, npt.NDArray[np.intp]]]:
        """The rows of each day that occurs, whose keys are in memory meanwhile."""
        by_day = list(_by_day(identities))
        for first in range(0, len(by_day), DAYS_AT_ONCE):
            some = by_day[first : first + DAYS_AT_ONCE]
            self._load([day for day, _ in some if day not in self._days])
            for day, _ in some:
                self._days.move_to_end(day)
            yield from some
            self._keep_within_bound()

    def _keep_within_bound(self) -> None:
        """Forget the days that were not asked for the longest."""
        while len(self._days) > 1 and sum(len(known.keys) for known in self._days.values()) > self._keys_max:
            self._days.popitem(last=False)

    def _load(self, days: Sequence[date]) -> None:
        """Read the keys of these days with one scan: it costs the same for one day as for several."""
        if not days:
            return
        loaded = {day: _Day(SortedHashes(), SortedHashes()) for day in days}
        kept = _KEPT & self._current(days)
        for batch in self._ledger.scan([*IDENTITY_COLUMNS, "day"], days, self._leg_partition, kept):
            identities = self._identifier.identify(batch, batch.column("day"))
            for day, rows in _by_day(identities):
                of_day = identities.take(rows)
                _add_keys(loaded[day].keys, of_day)
                loaded[day].calls.add(of_day.filter(of_day.column("sound")).column("group").to_numpy())
        self._days |= loaded

    def _load_open(self) -> tuple[dict[int, list[Part]], dict[int, list[Part]]]:
        """All current rows of open legs; of suspended ones with the parts that were merged into them. Waiting media."""
        since = self._clock().date() - timedelta(days=OPEN_DAYS)
        replaced = self._replaced_since(since)
        columns = [*_ROW_COLUMNS, *CDR_SCHEMA.names]
        batches = self._ledger.scan_since(columns, since, self._leg_partition, _OPEN_OR_MERGED)
        parts = [
            (part, into) for batch in batches for part, into in zip(_parts(batch), _merged_into(batch), strict=True)
        ]
        current = [(part, into) for part, into in parts if part.row and part.row.row_id not in replaced]
        suspended = {part.cdr.cdr_id for part, _ in current if part.cdr.reject_reason in SUSPENDED}
        waiting = [part for part, into in current if part.row and (part.row.state != State.MERGED or into in suspended)]
        waiting.sort(key=_arrival)
        media = [part for part in waiting if part.cdr.record_type is RecordType.MEDIA]
        legs = [_resumed(part) for part in waiting if part.cdr.record_type is not RecordType.MEDIA]
        return self._grouped(legs, "chain"), self._grouped(media, "stop_group")

    def _grouped(self, parts: Sequence[Part], column: str) -> dict[int, list[Part]]:
        identities = identified(self._identifier, cdrs_to_arrow(part.cdr for part in parts))
        found: dict[int, list[Part]] = {}
        for part, key in zip(parts, identities.column(column).to_pylist(), strict=True):
            found.setdefault(key, []).append(part)
        return found

    def _replaced_since(self, since: date) -> set[str]:
        batches = self._ledger.scan_since(["replaces"], since, self._leg_partition, pc.field("replaces").is_valid())
        return {row_id for batch in batches for row_id in batch.column("replaces").to_pylist()}

    def _current(self, days: Sequence[date]) -> pc.Expression:
        """Rows that no later row of their day takes the place of."""
        replaced = self._ledger.read(["replaces"], days, self._leg_partition, pc.field("replaces").is_valid())
        return ~pc.field("row_id").isin(replaced.column("replaces").to_pylist()) if len(replaced) else pc.scalar(True)  # noqa: FBT003

    def _calls_in_ledger(self, day: date, wanted: pa.Table) -> pa.Table:
        of_calls = pc.field("call_group_id").isin(pc.unique(wanted.column("call_group_id")))
        columns = [*IDENTITY_COLUMNS, "day"]
        rows = self._ledger.read(columns, [day], self._leg_partition, _KEPT & self._current([day]) & of_calls)
        found = self._identifier.identify(rows, rows.column("day"))
        found = found.filter(found.column("sound")).select(CALL_COLUMNS)
        return found.filter(np.isin(found.column("group").to_numpy(), wanted.column("group").to_numpy()))


def _parts(rows: pa.Table | pa.RecordBatch) -> list[Part]:
    cdrs = cdrs_from_arrow(rows)
    named = (rows.column(name).to_pylist() for name in ("row_id", "version", "state"))
    return [Part(cdr, row=Row(*row)) for cdr, *row in zip(cdrs, *named, strict=True)]


def _resumed(part: Part) -> Part:
    """A part of a suspended leg as it was received: a late STOP must not inherit the suspension."""
    if part.cdr.reject_reason not in SUSPENDED:
        return part
    cdr = part.cdr._replace(reject_reason=None, reject_detail=None, provable_ms=None, closing_reason=None)
    return part._replace(cdr=cdr)


def _arrival(part: Part) -> tuple[datetime, str, int, int]:
    """Parts of a leg are joined in the order in which they came."""
    cdr = part.cdr
    return cdr.received_at, cdr.partition, cdr.offset, cdr.record_index


def _merged_into(rows: pa.RecordBatch) -> list[str | None]:
    into: list[str | None] = rows.column("duplicate_of").to_pylist()
    return into


def _add_keys(keys: SortedHashes, identities: pa.Table) -> None:
    high, low, content = (identities.column(name).to_numpy() for name in ("key_high", "key_low", "content"))
    keys.add(high, packed(low, content))


def _by_day(identities: pa.Table) -> Iterator[tuple[date, npt.NDArray[np.intp]]]:
    """The rows of each day that occurs; nearly always it is one."""
    days = identities.column("day").to_numpy()
    for day in days[:1] if (days == days[:1]).all() else np.unique(days):
        yield day.astype(date), np.flatnonzero(days == day)
