"""How the records of one leg make one call (mediation.md D). Pure: records and the time in, what they make out.

A STOP is a whole call. An END is a release whose answer another record brings, so the two make the call together. A
chain that has neither is open; when its time is over it is a suspended call with the duration that its parts prove.
What a chain comes to does not depend on the order in which its records arrive.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from pipeline.mediation.draft import Fields
from pipeline.mediation.durations import milliseconds_between
from pipeline.mediation.media import is_silent
from schemas.cdr import CDR, RecordType
from schemas.outcomes import Flag, RejectReason

PARTS = (RecordType.START, RecordType.INTERIM, RecordType.STOP, RecordType.END)
"""Record types that make a chain."""
INTERIM_INTERVAL = timedelta(minutes=15)
HOLD_MARGIN = timedelta(minutes=10)
DURATION_MAX = timedelta(hours=8)
_OK = 200
_TELL_ACCEPTANCE = (RecordType.START, RecordType.END)
T38 = "t38"
DELTA = "part"
"""`duration_basis` of a source whose parts hold deltas; elsewhere each part counts from the answer (R22)."""

_OF_THE_END = frozenset({
    "source", "source_format", "partition", "offset", "received_at", "raw_sha256", "raw", "record_index", "cdr_id",
    "record_seq", "released_at", "flags", "reject_reason", "reject_detail",
})  # fmt: skip
_MEDIA_FIELDS = (
    "codec_in", "codec_out", "fax", "t38_pages", "mos_x100", "r_factor", "loss_pct_x100", "jitter_ms", "rtt_ms",
    "packets_in", "packets_out",
)  # fmt: skip


class Chain(NamedTuple):
    """What the records of one leg come to."""

    leg: CDR | None
    """The call, with the identity of the record that carries it; None while the chain is open."""
    carrier: int | None
    """Position of that record; all others are merged into it."""


OPEN = Chain(None, None)


def close_chain(parts: Sequence[CDR], now: datetime | None = None, *, restarted: bool = False) -> Chain:
    """Join the records of one leg, all of the types in PARTS.

    Without `now` an open chain stays open, unless its node `restarted`, which ends it at the last proof (R26).
    """
    of_type = {
        record_type: [at for at, part in enumerate(parts) if part.record_type == record_type] for record_type in PARTS
    }
    if of_type[RecordType.STOP]:
        at = of_type[RecordType.STOP][0]
        return Chain(_with_parts(parts[at], parts), at)
    if of_type[RecordType.END] and of_type[RecordType.START] and not _awaits_answer(parts):
        at = min(of_type[RecordType.END], key=lambda at: (parts[at].released_at or parts[at].received_at, at))
        return Chain(_joined(parts[at], parts), at)
    if restarted:
        return _suspended(parts, "restart")
    if now is None or now < expires_at(parts):
        return OPEN
    return _suspended(parts, _closing_reason(parts))


def expires_at(parts: Sequence[CDR]) -> datetime:
    """When an open chain is given up: some time after its last proof of life, or after the longest call (R25, R26)."""
    proven = _silent_at(parts)
    longest = min(map(_begun, parts)) + DURATION_MAX
    return (longest if proven is None else min(proven, longest)) + HOLD_MARGIN


def _silent_at(parts: Sequence[CDR]) -> datetime | None:
    """When two interims are overdue; None where none ever came. A source that was slower before may be slow again."""
    proofs = sorted(_proven_until(part) for part in parts if part.record_type is RecordType.INTERIM)
    if not proofs:
        return None
    steps = [later - earlier for earlier, later in pairwise([min(map(_begun, parts)), *proofs])]
    return proofs[-1] + 2 * max(INTERIM_INTERVAL, *steps)


def _closing_reason(parts: Sequence[CDR]) -> str:
    silent = _silent_at(parts)
    reached = silent is not None and silent >= min(map(_begun, parts)) + DURATION_MAX
    return "max_duration" if reached else "timeout"


def with_media(leg: CDR, media: Sequence[CDR]) -> CDR:
    """The leg with the figures that its media records have and it has not; later records win among them."""
    figures: Fields = {name: _last_known(media, name) for name in _MEDIA_FIELDS if getattr(leg, name) is None}
    measured = leg._replace(**figures)
    if "packets_in" not in figures or not is_without_media(measured):
        return measured
    return measured._replace(flags=tuple(dict.fromkeys((*measured.flags, Flag.NO_MEDIA))))


def is_without_media(leg: CDR) -> bool:
    """Whether an answered call of some length got no packet (R45); `media.apply_media_rules` says when."""
    return leg.answered_at is not None and is_silent(leg.packets_in, leg.packets_out, leg.measured_ms)


def has_media(leg: CDR) -> bool:
    """Whether media passed the node that reports it: a standby node writes zeroes. `identity.sql` says the same."""
    return (leg.packets_in or 0) > 0 or leg.mos_x100 is not None or leg.r_factor is not None


def with_media_of_report(leg: CDR, report: CDR) -> CDR:
    """The leg with the figures of another report of it, which saw the media; what it says of the call stays (R12)."""
    known = {name: getattr(leg, name) or getattr(report, name) for name in _MEDIA_FIELDS}
    flags = tuple(flag for flag in leg.flags if flag != Flag.NO_MEDIA or not known["packets_in"])
    return leg._replace(**known, flags=flags)


def _awaits_answer(parts: Sequence[CDR]) -> bool:
    """Whether the call was answered, and the record that knows when (an ACK, a bridge) is still on its way."""
    was_accepted = any(part.record_type in _TELL_ACCEPTANCE and part.sip_status == _OK for part in parts)
    return was_accepted and all(part.answered_at is None for part in parts)


def _begun(part: CDR) -> datetime:
    return part.answered_at or part.started_at or part.released_at or part.received_at


def _proven_until(part: CDR) -> datetime:
    return _begun(part) + min(timedelta(milliseconds=part.reported_ms or 0), DURATION_MAX)


def _last_known(records: Sequence[CDR], name: str) -> Any:  # noqa: ANN401 - any field of a CDR
    return next((value for record in reversed(records) if (value := getattr(record, name)) is not None), None)


def changes_stop(part: CDR) -> bool:
    """Whether a part tells something that its STOP does not: a delta (R22), or that the call was a fax (R43)."""
    return part.duration_basis == DELTA or part.fax == T38


def _with_parts(stop: CDR, parts: Sequence[CDR]) -> CDR:
    """The STOP; where parts hold deltas, the call is as long as all of them, and a fax in its middle made it one."""
    if any(part.fax == T38 for part in parts):
        stop = stop._replace(fax=T38)
    if stop.duration_basis != DELTA:
        return stop
    total = sum(part.reported_ms or 0 for part in parts)
    answered = min((part.answered_at for part in parts if part.answered_at), default=None)
    released = None if answered is None else answered + timedelta(milliseconds=total)
    return stop._replace(measured_ms=total, reported_ms=total, answered_at=answered, released_at=released)


def _joined(end: CDR, parts: Sequence[CDR]) -> CDR:
    """The END with what the START, and then the interims, know; the earliest answer counts."""
    by_weight = sorted(parts, key=lambda part: (part.record_type != RecordType.START, _begun(part)))
    known: Fields = {
        name: next((value for part in by_weight if (value := getattr(part, name)) is not None), None)
        for name in CDR._fields
        if name not in _OF_THE_END
    }
    known |= {"fax": T38} if any(part.fax == T38 for part in parts) else {}
    known |= {
        "answered_at": min((part.answered_at for part in parts if part.answered_at), default=None),
        "record_type": RecordType.STOP,
        "closing_reason": "normal",
    }
    flags = tuple(dict.fromkeys(flag for part in (*by_weight, end) for flag in part.flags))
    joined = end._replace(**known, flags=flags)
    blocked = next((part for part in by_weight if part.reject_reason is not None), None)
    if blocked is not None:
        joined = joined._replace(reject_reason=blocked.reject_reason, reject_detail=blocked.reject_detail)
    return _measured(joined)


def _measured(leg: CDR) -> CDR:
    if leg.answered_at is None or leg.released_at is None:
        return leg._replace(measured_ms=0)
    measured = milliseconds_between(leg.answered_at, leg.released_at)
    if measured < 0 and leg.reject_reason is None:
        detail = f"The release is {-measured} ms before the answer, in two records of one call. Compare the two."
        return leg._replace(measured_ms=measured, reject_reason=RejectReason.NEG_DURATION, reject_detail=detail)
    flags = (*leg.flags, Flag.ZERO_DURATION) if measured == 0 else leg.flags
    return leg._replace(measured_ms=measured, flags=flags)


def _suspended(parts: Sequence[CDR], closed_by: str) -> Chain:
    """A call that nobody ended: its START, or else its last interim, carries it."""
    starts = [at for at, part in enumerate(parts) if part.record_type is RecordType.START]
    interims = [part for part in parts if part.record_type is RecordType.INTERIM]
    is_delta = any(part.duration_basis == DELTA for part in interims)
    proofs = [part.reported_ms for part in interims if part.reported_ms is not None]
    provable = (sum(proofs) if is_delta else max(proofs)) if proofs else None
    at = starts[0] if starts else max(range(len(parts)), key=lambda at: (parts[at].reported_ms or 0, -at))
    reason = RejectReason.NO_STOP if starts else RejectReason.ORPHAN_INTERIM
    proven = "nothing of its duration is proven" if provable is None else f"{provable} ms of it are proven"
    ended = (
        "Its node restarted before a record ended this call"
        if closed_by == "restart"
        else "No record ended this call in time"
    )
    detail = f"{ended}; {proven}. A late STOP is rated and takes the place of this row."
    flags = (*parts[at].flags, Flag.MAX_DURATION) if closed_by == "max_duration" else parts[at].flags
    suspended = parts[at]._replace(
        reject_reason=reason, reject_detail=detail, provable_ms=provable, closing_reason=closed_by, flags=flags
    )
    return Chain(suspended, at)
