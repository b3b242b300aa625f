"""What becomes of each record apart from its price: duplicate, conflict, waiting part, merged part, or a call."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.ledger.table import UsageLedger
from pipeline.mediation.chains import DELTA, PARTS, T38, with_media_of_report
from pipeline.mediation.restarts import Restart, is_over
from pipeline.rate.duplicates import find_repeats, keep_first, may_report_one_call
from pipeline.rate.identity import (
    CALL_COLUMNS,
    GROUP_COLUMNS,
    KEPT_COLUMNS,
    KEY_COLUMNS,
    Identifier,
    has_key,
    identified,
)
from pipeline.rate.legs import OPEN_PARTS, Leg, Part, Replacement, Row, assemble, change_stop, merge_into
from pipeline.rate.media import join_media
from pipeline.rate.memory import PartitionMemory
from pipeline.rate.sorted_hashes import Mask
from schemas.cdr import CDR, CDR_SCHEMA, RecordType, cdrs_from_arrow
from schemas.outcomes import State

Positions = npt.NDArray[np.intp]

_NO_CDRS = pa.RecordBatch.from_pylist([], CDR_SCHEMA)


class Judgement(NamedTuple):
    """Verdicts on the records of one batch by position, and what they change in the ledger and in the memory."""

    records: int
    states: dict[int, State]
    """Nothing where rating decides."""
    duplicate_of: dict[int, str | None]
    carried: dict[int, CDR]
    """Records that carry a leg, with what its other records know."""
    replacements: list[Replacement]
    legs: dict[int, Sequence[Part]]
    """What is left waiting of each leg that was looked at, by chain hash."""
    media: dict[int, Sequence[Part]]
    """Media records that still wait, of each call that was looked at, by the hash of its STOP records."""
    kept: pa.Table
    """Identities of the records that were new."""


class Judge:
    """Judges the records of one partition in the order of their arrival."""

    def __init__(self, ledger: UsageLedger, leg_partition: int, clock: Callable[[], datetime]) -> None:
        self._identifier = Identifier()
        self._memory = PartitionMemory(ledger, leg_partition, self._identifier, clock)

    def forget(self) -> None:
        """Read the ledger again when the next records come."""
        self._memory.forget()

    def judge(self, cdrs: pa.RecordBatch, *, are_known: bool = False, restarts: Sequence[Restart] = ()) -> Judgement:
        """Compare records with each other and with the ledger. Remembers nothing before `remember`.

        Records that `are_known` have a row already, so only their legs are looked at. `restarts` end the open calls of
        their nodes.
        """
        identities = identified(self._identifier, cdrs)
        count = cdrs.num_rows
        judgement = undecided(count, identities.slice(0, 0))
        rows = np.flatnonzero(has_key(cdrs).to_numpy(zero_copy_only=False))
        if not are_known:
            rows = self._without_repeats(cdrs, identities, rows, judgement)
        sound = rows[_mask(identities.column("sound"))[rows]]
        earlier = self._memory.calls(identities.select(GROUP_COLUMNS).take(sound))
        if not are_known:
            self._settle_same_calls(cdrs, identities, sound, earlier, judgement)
        sound, rows = (at[_undecided(judgement, at)] for at in (sound, rows))
        own = set(identities.column("cdr_id").to_pylist()) if are_known else set()
        for chain, leg in self._legs(cdrs, identities, sound, earlier, own):
            _settle(chain, leg, judgement)
        if restarts:
            self._end_open_legs(restarts, judgement)
        self._join_media(cdrs, identities, sound, judgement)
        kept = identities.select(KEPT_COLUMNS)
        return judgement._replace(kept=kept if len(rows) == cdrs.num_rows else kept.take(rows))

    def give_up(self, now: datetime) -> Judgement:
        """Suspend the open legs whose time is over (R25, R26); no record is in hand."""
        judgement = undecided(0, identified(self._identifier, _NO_CDRS))
        for chain, parts in self._memory.open_legs().items():
            if _is_open(parts):
                leg = assemble(parts, now)
                if leg.replacements:
                    _settle(chain, leg, judgement)
        return judgement

    def _end_open_legs(self, restarts: Sequence[Restart], judgement: Judgement) -> None:
        """Suspend the open legs of nodes that restarted, at their last proof (R26)."""
        for chain, parts in {**self._memory.open_legs(), **judgement.legs}.items():
            if not _is_open(parts) or not is_over([part.cdr for part in parts], restarts):
                continue
            for part in parts:
                if part.position is not None:
                    judgement.states.pop(part.position, None)
            _settle(chain, assemble(parts, None, restarted=True), judgement)

    def remember(self, judgement: Judgement, row_ids: Sequence[str]) -> None:
        """Take in what a commit has made true; `row_ids` are those of the records in hand."""
        self._memory.remember(judgement.kept)
        for chain, waiting in judgement.legs.items():
            self._memory.remember_leg(chain, [_written(part, row_ids) for part in waiting])
        for call, waiting in judgement.media.items():
            self._memory.remember_media(call, [_written(part, row_ids) for part in waiting])

    def _without_repeats(
        self, cdrs: pa.RecordBatch, identities: pa.Table, rows: Positions, judgement: Judgement
    ) -> Positions:
        """Settle the records whose key was here before; return the others."""
        keyed = identities.select(KEY_COLUMNS).take(rows)
        repeats = find_repeats(keyed, self._memory.contents(keyed))
        names = identities.column("cdr_id")
        for row in rows[repeats.same_content].tolist():
            judgement.states[row] = State.DUPLICATE
            judgement.duplicate_of[row] = names[row].as_py()
        self._settle_conflicts(cdrs, identities, rows[repeats.other_content], judgement)
        return rows[~(repeats.same_content | repeats.other_content)]

    def _settle_conflicts(
        self, cdrs: pa.RecordBatch, identities: pa.Table, rows: Positions, judgement: Judgement
    ) -> None:
        """The first record with this content of a known key is a conflict, a further one repeats it (R11, R14)."""
        if not len(rows):
            return
        known = self._memory.conflicts(identities.select(["cdr_id", "day"]).take(rows))
        hashes = cdrs.column("raw_sha256").take(pa.array(rows)).to_pylist()
        names = identities.column("cdr_id").take(pa.array(rows)).to_pylist()
        for row, record in zip(rows.tolist(), zip(names, hashes, strict=True), strict=True):
            if record in known:
                judgement.states[row], judgement.duplicate_of[row] = State.DUPLICATE, record[0]
            else:
                judgement.states[row] = State.REJECTED
            known.add(record)

    def _settle_same_calls(
        self, cdrs: pa.RecordBatch, identities: pa.Table, rows: Positions, earlier: pa.Table, judgement: Judgement
    ) -> None:
        """Settle the records that another source or node has reported already."""
        suspects = rows[may_report_one_call(identities.select(["group"]).take(rows), earlier)]
        if not len(suspects):
            return
        arrivals = identities.take(suspects).select(CALL_COLUMNS)
        both = pa.concat_tables([earlier, arrivals])
        names, has_media = both.column("cdr_id"), _mask(both.column("has_media"))
        for later, first in keep_first(self._identifier.same_calls(earlier, arrivals)).items():
            row = int(suspects[later - len(earlier)])
            judgement.states[row] = State.DUPLICATE
            judgement.duplicate_of[row] = names[first].as_py()
            if has_media[later] and not has_media[first]:
                place = int(suspects[first - len(earlier)]) if first >= len(earlier) else None
                self._enrich(cdrs, row, place, both.slice(first, 1), judgement)

    def _enrich(self, cdrs: pa.RecordBatch, row: int, place: int | None, first: pa.Table, judgement: Judgement) -> None:
        """The first report stays the leg, and takes the media figures of this one over (R12); it may be in hand."""
        if place is not None:
            leg, report = cdrs_from_arrow(cdrs.take(pa.array([place, row])))
            judgement.carried[place] = with_media_of_report(judgement.carried.get(place, leg), report)
            return
        (report,) = cdrs_from_arrow(cdrs.slice(row, 1))
        part = self._memory.current_leg(first.column("day")[0].as_py(), first.column("cdr_id")[0].as_py())
        if part is not None and part.row is not None and part.cdr.record_type is RecordType.STOP:
            with_figures = with_media_of_report(part.cdr, report)
            if with_figures != part.cdr:
                judgement.replacements.append(Replacement(part.row, with_figures, None, None))

    def _legs(
        self, cdrs: pa.RecordBatch, identities: pa.Table, rows: Positions, earlier: pa.Table, own: Collection[str]
    ) -> Iterator[tuple[int, Leg]]:
        """Assemble each leg of several records: in this batch, waiting, or complete in the ledger.

        `own` are the ids of records whose rows in the ledger are about to be replaced.
        """
        of_legs = rows[_mask(pc.is_in(identities.column("record_type"), pa.array(PARTS, pa.string())))[rows]]
        if not len(of_legs):
            return
        legs, stops = self._memory.open_legs(), self._stops_of(identities.take(of_legs), earlier, own)
        known, chains = {*legs, *stops}, []
        names, is_stop, may_change = identities.column("cdr_id"), _stops(identities), _may_change_stops(cdrs)
        for chain, positions in self._several(identities, of_legs, [*legs, *stops]):
            stop = next((at for at in positions if is_stop[at]), None)
            if stop is None or chain in known or any(may_change[at] for at in positions):
                chains.append((chain, positions))
            else:
                yield chain, Leg(merged=[at for at in positions if at != stop], merged_into=names[stop].as_py())
        # One take for all of them: of a row of 80 columns it costs a millisecond.
        looked_at = [position for _, positions in chains for position in positions]
        records = iter(cdrs_from_arrow(cdrs.take(pa.array(looked_at, pa.int64()))))
        for chain, positions in chains:
            in_hand = [Part(next(records), position) for position in positions]
            waiting = [part for part in legs.get(chain, ()) if part.cdr.cdr_id not in own]
            yield chain, self._assemble([*waiting, *in_hand], stops.get(chain))

    def _several(self, identities: pa.Table, rows: Positions, known: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
        """The positions of each chain that is more than one STOP."""
        chains = identities.column("chain").to_numpy()[rows]
        open_here = _mask(pc.is_in(identities.column("record_type"), pa.array(OPEN_PARTS, pa.string())))[rows]
        unique, first, at, counts = np.unique(chains, return_index=True, return_inverse=True, return_counts=True)
        wanted = (counts > 1)[at] | open_here | np.isin(chains, np.array(known, np.uint64))
        by_chain = np.argsort(at, kind="stable")
        ends = np.cumsum(counts)
        for index in sorted(np.unique(at[wanted]).tolist(), key=lambda index: first[index]):
            positions = by_chain[ends[index] - counts[index] : ends[index]]
            yield int(unique[index]), rows[positions].tolist()

    def _join_media(self, cdrs: pa.RecordBatch, identities: pa.Table, rows: Positions, judgement: Judgement) -> None:
        """Give media records, in hand and waiting, to the legs of their calls."""
        types = identities.column("record_type").take(pa.array(rows))
        media, stops = (rows[_mask(pc.equal(types, kind))] for kind in (RecordType.MEDIA, RecordType.STOP))
        if not (len(media) or self._memory.waiting_media()):
            return
        calls = identities.column("stop_group").to_numpy()
        waiting = self._memory.waiting_media()
        looked_at = set(calls[media].tolist()) | (set(calls[stops].tolist()) & waiting.keys())
        for call in sorted(looked_at):
            in_hand = [self._in_hand(cdrs, at[calls[at] == call], judgement) for at in (media, stops)]
            of_call = identities.filter(pc.equal(identities.column("stop_group"), pa.scalar(call, pa.uint64())))
            legs = [*self._legs_in_ledger(of_call), *in_hand[1]]
            measured = join_media(legs, [*waiting.get(call, ()), *in_hand[0]])
            for position in measured.pending:
                judgement.states[position] = State.PENDING
            for position, leg_id in measured.merged.items():
                judgement.states[position], judgement.duplicate_of[position] = State.MERGED, leg_id
            judgement.carried.update(measured.carried)
            judgement.replacements.extend(measured.replacements)
            judgement.media[call] = measured.waiting

    def _in_hand(self, cdrs: pa.RecordBatch, positions: Positions, judgement: Judgement) -> list[Part]:
        """These records of the batch, as their legs make them; those that are settled already are left out."""
        left = [at for at in positions.tolist() if at not in judgement.states]
        records = cdrs_from_arrow(cdrs.take(pa.array(left, pa.int64())))
        return [Part(judgement.carried.get(at, cdr), at) for at, cdr in zip(left, records, strict=True)]

    def _legs_in_ledger(self, of_call: pa.Table) -> list[Part]:
        """The current rows of the legs of a call."""
        as_stops = of_call.drop_columns(["group"]).rename_columns({"stop_group": "group"})
        found = self._memory.calls(as_stops)
        stops = found.filter(pc.equal(found.column("record_type"), RecordType.STOP))
        named = dict(zip(stops.column("cdr_id").to_pylist(), stops.column("day").to_pylist(), strict=True))
        parts = [self._memory.current_leg(day, cdr_id) for cdr_id, day in named.items()]
        return [part for part in parts if part is not None]

    def _assemble(self, parts: Sequence[Part], stop: tuple[str, date] | None) -> Leg:
        if stop is None:
            return assemble(parts, None)
        cdr_id, day = stop
        carrier = self._memory.current_leg(day, cdr_id) if change_stop(parts) else None
        return merge_into(parts, cdr_id) if carrier is None else assemble([carrier, *parts], None)

    def _stops_of(self, records: pa.Table, earlier: pa.Table, own: Collection[str]) -> dict[int, tuple[str, date]]:
        """cdr_id and day of the STOP, by chain, of legs whose STOP came before these records."""
        parts = records.filter(pc.is_in(records.column("record_type"), pa.array(OPEN_PARTS, pa.string())))
        as_stops = parts.drop_columns(["group"]).rename_columns({"stop_group": "group"})
        stops = pa.concat_tables([self._memory.calls(as_stops), earlier]) if len(parts) else earlier
        stops = stops.filter(pc.equal(stops.column("record_type"), "STOP"))
        first: dict[int, tuple[str, date]] = {}
        for chain, *stop in zip(*(stops.column(name).to_pylist() for name in ("chain", "cdr_id", "day")), strict=True):
            if stop[0] not in own:
                first.setdefault(chain, (stop[0], stop[1]))
        return first


def _stops(identities: pa.Table) -> bytes:
    """1 for each record that is a STOP."""
    return _mask(pc.equal(identities.column("record_type"), RecordType.STOP)).tobytes()


def _may_change_stops(cdrs: pa.RecordBatch) -> bytes:
    """1 for each record that may change the STOP of its leg (`chains.changes_stop`) or that is rejected."""
    told = [pc.equal(cdrs.column("duration_basis"), DELTA), pc.equal(cdrs.column("fax"), T38)]
    told = [flags.fill_null(pa.scalar(value=False)) for flags in told]
    may_change: Mask = pc.or_(pc.or_(*told), pc.is_valid(cdrs.column("reject_reason"))).to_numpy(zero_copy_only=False)
    return may_change.tobytes()


def undecided(count: int, kept: pa.Table) -> Judgement:
    """No verdict on any of so many records: rating decides."""
    return Judgement(count, {}, {}, {}, [], {}, {}, kept)


def _settle(chain: int, leg: Leg, judgement: Judgement) -> None:
    for position in leg.pending:
        judgement.states[position] = State.PENDING
    for position in leg.merged:
        judgement.states[position] = State.MERGED
        judgement.duplicate_of[position] = leg.merged_into
    if leg.carried:
        judgement.carried[leg.carried[0]] = leg.carried[1]
    judgement.replacements.extend(leg.replacements)
    judgement.legs[chain] = leg.waiting


def _written(part: Part, row_ids: Sequence[str]) -> Part:
    """A part in hand as the row that it has become."""
    if part.position is None:
        return part
    return Part(part.cdr, row=Row(row_ids[part.position], 0, part.becomes))


def _is_open(parts: Sequence[Part]) -> bool:
    return any(part.row is None or part.row.state == State.PENDING for part in parts)


def _undecided(judgement: Judgement, rows: Positions) -> Mask:
    return ~np.isin(rows, list(judgement.states))


def _mask(column: pa.ChunkedArray) -> Mask:
    mask: Mask = column.to_numpy()
    return mask
