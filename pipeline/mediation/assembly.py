"""What becomes of all records of a feed, in memory: legs, merged parts, duplicates, rejects, suspended calls.

The specification of what the rate stage does batch by batch beside its ledger, and what a person uses to look at a
file. Every record ends in exactly one of the lists: received = legs + merged + duplicates + rejected + suspended +
pending + skipped.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from pipeline.mediation.batch import LATE_DAYS, mediate_counting
from pipeline.mediation.chains import PARTS, close_chain, has_media, with_media, with_media_of_report
from pipeline.mediation.numbers import is_no_number
from pipeline.mediation.over_capacity import remark_over_capacity
from pipeline.mediation.raw import RawBatch
from pipeline.mediation.restarts import Restart, is_over
from pipeline.mediation.sequences import Gap, remark_gaps, sequence_gaps
from pipeline.mediation.suspects import suspected_duplicates
from pipeline.settings import Source
from schemas.cdr import CDR, RecordType, cdrs_from_arrow
from schemas.outcomes import Flag, RejectReason
from schemas.reference import DialPlan

SAME_CALL_WITHIN = timedelta(seconds=2)
"""Two reports of one call have setups less than this apart (R12)."""
UNREAD = frozenset({
    RejectReason.TOO_LONG, RejectReason.BAD_QUOTE, RejectReason.TRUNCATED, RejectReason.UNKNOWN_LAYOUT,
    RejectReason.BAD_FIELD, RejectReason.FILE_TOTALS,
})  # fmt: skip
"""Reasons of records of which nothing can be believed; all others are suspended calls."""


class Assembled(NamedTuple):
    """What the records came to."""

    legs: list[CDR]
    merged: list[CDR]
    duplicates: list[CDR]
    rejected: list[CDR]
    suspended: list[CDR]
    pending: list[CDR]
    skipped: int
    gaps: list[Gap]
    """Numbers of nodes that no record has (R15)."""

    @property
    def received(self) -> int:
        """How many records there were."""
        return self.skipped + len(self.cdrs)

    @property
    def cdrs(self) -> list[CDR]:
        """All that were read, whatever became of them."""
        return [
            *self.legs, *self.merged, *self.duplicates, *self.rejected, *self.suspended, *self.pending,
        ]  # fmt: skip

    @property
    def calls(self) -> int:
        """How many calls they report."""
        return len({cdr.call_group_id for cdr in (*self.legs, *self.suspended, *self.pending)})


def assemble_records(
    raw: RawBatch,
    source: Source,
    *,
    now: datetime | None = None,
    late_days: int = LATE_DAYS,
    channel_limit: int | None = None,
) -> Assembled:
    """Read the records and join them to calls. Without `now` open calls stay pending.

    `channel_limit` is that of each trunk of the feed, where it is known.
    """
    mediated = mediate_counting(raw, source, late_days=late_days)
    result = Assembled([], [], [], [], [], [], mediated.skipped, [])
    chains: dict[tuple[str, str | None], list[CDR]] = defaultdict(list)
    media: list[CDR] = []
    for cdr in _without_repeats(cdrs_from_arrow(mediated.cdrs), result):
        if cdr.record_type in PARTS:
            chains[cdr.call_group_id, cdr.leg_id or cdr.cdr_id].append(cdr)
        elif cdr.record_type is RecordType.MEDIA:
            media.append(cdr)
        else:
            result.legs.append(cdr)
    for parts in chains.values():
        _close(parts, now, mediated.restarts, result)
    _stop_unread_numbers(result, source.dial_plan)
    _join_media(media, result)
    _remark_suspects(result.legs)
    unread = sorted([*mediated.skipped_offsets, *(cdr.offset for cdr in result.rejected if cdr.record_seq is None)])
    result.gaps.extend(sequence_gaps(result.cdrs, unread, mediated.restarts))
    result.legs[:] = remark_gaps(result.legs, result.gaps)
    if channel_limit is not None:
        result.legs[:] = remark_over_capacity(result.legs, channel_limit)
    result.legs.sort(key=lambda leg: (leg.offset, leg.record_index))
    return result


def _without_repeats(cdrs: Iterable[CDR], result: Assembled) -> list[CDR]:
    """Settle unreadable and suspended records, repeated keys and other reports of the same leg; return the rest."""
    first: dict[str, CDR] = {}
    conflicts: set[tuple[str, bytes]] = set()
    kept: list[CDR] = []
    of_call: dict[str, list[CDR]] = defaultdict(list)
    for cdr in cdrs:
        known = first.setdefault(cdr.cdr_id, cdr)
        if cdr.reject_reason in UNREAD:
            result.rejected.append(cdr)
        elif known is not cdr:
            _settle_repeat(cdr, known, conflicts, result)
        elif cdr.reject_reason is not None:
            result.suspended.append(cdr)
        elif any(is_same_leg(cdr, earlier) for earlier in of_call[cdr.call_group_id]):
            result.duplicates.append(cdr)
            _enrich(kept, of_call[cdr.call_group_id], cdr)
        else:
            kept.append(cdr)
            of_call[cdr.call_group_id].append(cdr)
    return kept


def _enrich(kept: list[CDR], of_call: list[CDR], report: CDR) -> None:
    """The first report stays the leg; where it saw no media and the later one did, it takes the figures over."""
    at = next(at for at, earlier in enumerate(of_call) if is_same_leg(report, earlier))
    leg = of_call[at]
    if has_media(report) and not has_media(leg):
        of_call[at] = with_media_of_report(leg, report)
        kept[next(place for place, cdr in enumerate(kept) if cdr is leg)] = of_call[at]


def _settle_repeat(cdr: CDR, known: CDR, conflicts: set[tuple[str, bytes]], result: Assembled) -> None:
    """The same content is a duplicate, of the first record or of one that was in conflict with it before."""
    if cdr.raw_sha256 == known.raw_sha256 or (cdr.cdr_id, cdr.raw_sha256) in conflicts:
        result.duplicates.append(cdr)
    else:
        conflicts.add((cdr.cdr_id, cdr.raw_sha256))
        result.suspended.append(cdr._replace(reject_reason=RejectReason.KEY_CONFLICT))


def is_same_leg(later: CDR, earlier: CDR) -> bool:
    """Whether two records of one call, with different keys, report the same leg (R12).

    Two nodes report it with setups close together; one node reports it in two exports, of which one may not know the
    sequence number.
    """
    if (later.record_type, later.is_billed_leg) != (earlier.record_type, earlier.is_billed_leg):
        return False
    if not _agree(later.direction, earlier.direction) or not _is_same_attempt(later, earlier):
        return False
    if later.started_at is None or earlier.started_at is None:
        return False
    if abs(later.started_at - earlier.started_at) >= SAME_CALL_WITHIN:
        return False
    if (later.source, later.source_node) != (earlier.source, earlier.source_node):
        return True
    is_whole = later.record_type is RecordType.STOP and later.leg_id is not None
    return is_whole and later.leg_id == earlier.leg_id and _agree(later.record_seq, earlier.record_seq)


def _is_same_attempt(later: CDR, earlier: CDR) -> bool:
    """By number; where only one side numbers its attempts, an answered one is never the report of a failed one."""
    if later.route_attempt is None or earlier.route_attempt is None:
        return (later.answered_at is None) == (earlier.answered_at is None)
    return later.route_attempt == earlier.route_attempt


def _agree(one: object, other: object) -> bool:
    return one is None or other is None or one == other


def _close(records: Sequence[CDR], now: datetime | None, restarts: Sequence[Restart], result: Assembled) -> None:
    """Every STOP is a call of its own (the attempts of one channel); parts go to the first."""
    stops = [at for at, record in enumerate(records) if record.record_type is RecordType.STOP]
    result.legs.extend(records[at] for at in stops[1:])
    parts = [record for at, record in enumerate(records) if at not in stops[1:]]
    chain = close_chain(parts, now, restarted=is_over(parts, restarts))
    if chain.leg is None:
        result.pending.extend(parts)
        return
    (result.legs if chain.leg.reject_reason is None else result.suspended).append(chain.leg)
    result.merged.extend(part for at, part in enumerate(parts) if at != chain.carrier)


def _stop_unread_numbers(result: Assembled, plan: DialPlan) -> None:
    """Suspend the legs whose called number nothing reads; beside the ledger the trunk's own plan decides it."""
    for leg in [leg for leg in result.legs if is_no_number(leg, plan)]:
        result.legs.remove(leg)
        detail = f"The called number {leg.called_raw!a} is none by the dial plan of the source. Correct the dial plan."
        result.suspended.append(leg._replace(reject_reason=RejectReason.NUM_UNPARSED, reject_detail=detail))


def _join_media(media: Iterable[CDR], result: Assembled) -> None:
    """Media records go to the leg they name, else to the only leg of their call."""
    of_leg: dict[int, list[CDR]] = defaultdict(list)
    for record in media:
        legs = [at for at, leg in enumerate(result.legs) if leg.call_group_id == record.call_group_id]
        named = [at for at in legs if result.legs[at].leg_id == record.leg_id]
        if named or len(legs) == 1:
            of_leg[(named or legs)[0]].append(record)
            result.merged.append(record)
        else:
            result.pending.append(record)
    for at, records in of_leg.items():
        result.legs[at] = with_media(result.legs[at], records)


def _remark_suspects(legs: list[CDR]) -> None:
    suspected = suspected_duplicates(legs)
    legs[:] = [leg._replace(flags=(*leg.flags, Flag.SUSPECT_DUP)) if leg.cdr_id in suspected else leg for leg in legs]


def attempts(legs: Sequence[CDR]) -> list[CDR]:
    """The tries of one call in their order, numbered; the last one is final. A leg that has children is no try."""
    parents = {leg.parent_leg_id for leg in legs} - {None}
    tries = [leg for leg in legs if not parents or leg.parent_leg_id is not None]
    ordered = sorted(
        tries, key=lambda leg: (leg.route_attempt or 0, leg.record_seq or 0, leg.started_at or leg.received_at)
    )
    return [
        leg._replace(route_attempt=number, is_final_attempt=number == len(ordered))
        for number, leg in enumerate(ordered, 1)
    ]
