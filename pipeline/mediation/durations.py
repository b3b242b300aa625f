"""How long a call was (mediation.md A): its own two instants bill, what the source printed is compared with them."""

from datetime import UTC, datetime, timedelta

from pipeline.mediation.draft import Fields
from pipeline.mediation.notes import Notes
from schemas.cdr import RecordType
from schemas.outcomes import Flag, RejectReason

DURATION_MAX_MS = 48 * 3_600_000
"""A longer call is TOO_LONG (R54)."""
TOLERANCE_MS = 1_000
"""Difference to the printed duration that needs no remark (R3)."""
WARN_UP_TO_MS = 5_000
WARN_UP_TO_PERCENT = 5
"""A difference above both bounds stops the record (R3)."""
LOW_RESOLUTION_MS = 60_000
PRINTED_MAX_MS = 2**53
"""A printed duration beyond this is no duration."""

_MICROSECOND = timedelta(microseconds=1)
_LAST_ANSWER = datetime.max.replace(tzinfo=UTC) - timedelta(milliseconds=DURATION_MAX_MS)
"""Behind it a release may be in no year that there is."""
_FINISHED = (RecordType.STOP, RecordType.ATTEMPT)


def milliseconds_between(earlier: datetime, later: datetime) -> int:
    """Whole milliseconds, half up (R5)."""
    return ((later - earlier) // _MICROSECOND + 500) // 1_000


def apply_duration_rules(fields: Fields, notes: Notes, resolution_ms: int = 1) -> None:
    """Set `measured_ms` and compare it with `reported_ms` on the basis that the format names (R1 to R9, R53)."""
    _check_printed(fields, notes)
    if fields.get("record_type", RecordType.STOP) not in _FINISHED:
        return
    reported = fields.get("reported_ms")
    if reported is not None and reported < 0:
        notes.block(RejectReason.NEG_DURATION, f"The printed duration is {reported} ms, expected 0 or more.")
    if fields.get("answered_at") is None:
        fields["measured_ms"] = 0
        if reported and fields.get("duration_basis") == "answer" and notes.rejection() is None:
            notes.warn(Flag.DISPOSITION_CONFLICT)
        return
    if resolution_ms >= LOW_RESOLUTION_MS and reported is not None:
        fields["measured_ms"] = reported
        notes.warn(Flag.LOW_RES)
    else:
        _measure(fields, notes)
    _check_size(fields, notes)


def _check_printed(fields: Fields, notes: Notes) -> None:
    reported = fields.get("reported_ms")
    if reported is not None and abs(reported) > PRINTED_MAX_MS:
        fields["reported_ms"] = None
        notes.block(
            RejectReason.TOO_LONG, f"The printed duration is {reported} ms, expected at most {DURATION_MAX_MS}."
        )


def _measure(fields: Fields, notes: Notes) -> None:
    released, reported = fields.get("released_at"), fields.get("reported_ms")
    if released is None:
        _measure_by_print(fields, reported, notes)
        return
    fields["measured_ms"] = milliseconds_between(fields["answered_at"], released)
    if reported is not None and fields["measured_ms"] >= 0:
        _compare(fields, reported, released, notes)


def _measure_by_print(fields: Fields, reported: int | None, notes: Notes) -> None:
    """Only where a record has no two instants its printed duration becomes the measured one (R3)."""
    if reported is not None and reported < 0:
        return
    if reported is None or fields.get("duration_basis") == "start" or fields["answered_at"] > _LAST_ANSWER:
        notes.block(RejectReason.BAD_FIELD, "The call was answered and has no release time, expected one.")
    elif reported <= DURATION_MAX_MS:
        fields["measured_ms"] = reported
        fields["released_at"] = fields["answered_at"] + timedelta(milliseconds=reported)
        notes.warn(Flag.LOW_RES)
    else:
        notes.block(RejectReason.TOO_LONG, f"The call lasted {reported} ms, expected at most {DURATION_MAX_MS}.")


def _compare(fields: Fields, reported: int, released: datetime, notes: Notes) -> None:
    measured = fields["measured_ms"]
    if fields.get("duration_basis") == "start":
        if fields.get("started_at") is None:
            return
        measured = milliseconds_between(fields["started_at"], released)
    difference = abs(reported - measured)
    if difference <= TOLERANCE_MS:
        return
    if difference <= WARN_UP_TO_MS or difference * 100 <= WARN_UP_TO_PERCENT * measured:
        notes.warn(Flag.DURATION_MISMATCH)
        return
    detail = (
        f"The times are {measured} ms apart and the printed duration is {reported} ms. Expected a difference of at "
        f"most {WARN_UP_TO_MS} ms or {WARN_UP_TO_PERCENT} %. Find out which is right, then correct the record."
    )
    notes.block(RejectReason.DURATION_MISMATCH, detail)


def _check_size(fields: Fields, notes: Notes) -> None:
    measured = fields.get("measured_ms")
    if measured is None:
        return
    if measured < 0:
        detail = f"The release is {-measured} ms before the answer. Compare both with another record of the call."
        notes.block(RejectReason.NEG_DURATION, detail)
    elif measured == 0:
        notes.warn(Flag.ZERO_DURATION)
    elif measured > DURATION_MAX_MS:
        notes.block(RejectReason.TOO_LONG, f"The call lasted {measured} ms, expected at most {DURATION_MAX_MS}.")
