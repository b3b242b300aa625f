"""The shared rules on columns: each gives the columns it derives, and the rows it has nothing to remark on."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.causes import CLASSES, Q850_MAX, STATUS_MAX, class_rank, q850_of_sip
from pipeline.mediation.columns import (
    Mask,
    Numbers,
    as_mask,
    is_unknown,
    known_rows,
    number_column,
    numbers_of,
)
from pipeline.mediation.durations import DURATION_MAX_MS, TOLERANCE_MS
from pipeline.mediation.media import NO_MEDIA_AFTER_MS
from pipeline.mediation.text_columns import NO_TEXT
from pipeline.mediation.times import FUTURE_TOLERANCE
from schemas.cdr import RecordType
from schemas.outcomes import Flag

Columns = Mapping[str, pa.Array]

_MICROSECOND = timedelta(microseconds=1)
_Q850_OF_STATUS = np.array([q850_of_sip(status) or 0 for status in range(STATUS_MAX + 1)])
_RANK_OF_STATUS = np.array([class_rank(status, None) for status in range(STATUS_MAX + 1)])
_RANK_OF_Q850 = np.array([class_rank(None, cause) for cause in range(Q850_MAX + 1)])
_CLASSES = pa.array(CLASSES, pa.string())


class Ruled(NamedTuple):
    """What a rule found."""

    columns: dict[str, pa.Array]
    is_plain: Mask


class Known(NamedTuple):
    """A column of whole numbers; 0 where it is not known."""

    values: Numbers
    known: Mask

    @classmethod
    def of(cls, column: pa.Array) -> "Known":
        """Numbers as they are, instants as microseconds since 1970."""
        known = known_rows(column)
        return cls(np.where(known, numbers_of(column), 0), known)

    def column(self, data_type: pa.DataType) -> pa.Array:
        """Back to Arrow."""
        return number_column(self.values, self.known, data_type)

    def or_else(self, other: "Known") -> "Known":
        """These values, the other ones where they are not known."""
        return Known(np.where(self.known, self.values, other.values), self.known | other.known)


class Times(NamedTuple):
    """The instants of a leg, microseconds since 1970."""

    started: Known
    alerted: Known
    answered: Known
    released: Known
    finished: Mask
    """STOP or ATTEMPT: what its record says of the call is final."""

    @classmethod
    def of(cls, columns: Columns) -> "Times":
        """Read the time columns."""
        kinds = columns["record_type"]
        finished = as_mask(pc.or_(*(pc.equal(kinds, kind) for kind in (RecordType.STOP, RecordType.ATTEMPT))))
        names = ("started_at", "alerted_at", "answered_at", "released_at")
        started, alerted, answered, released = (Known.of(columns[name]) for name in names)
        return cls(started, alerted, answered, released, finished)


def durations(columns: Columns, times: Times) -> Ruled:
    """Twin of `durations.apply_duration_rules`, of the ring time, and of `media.apply_media_rules`."""
    measured = _milliseconds(times.released.values - times.answered.values)
    reported = Known.of(columns["reported_ms"])
    answered = times.answered.known
    fits = times.released.known & (measured >= 0) & (measured <= DURATION_MAX_MS)
    agrees = ~reported.known | (np.abs(reported.values - measured) <= TOLERANCE_MS)
    silent = reported.values == 0
    is_plain = ~times.finished | np.where(answered, fits & agrees, silent) & (reported.values >= 0)
    packets = Known.of(columns["packets_in"])
    is_plain &= ~(times.finished & answered & packets.known & (packets.values == 0) & (measured > NO_MEDIA_AFTER_MS))
    until = times.answered.or_else(times.released)
    rang = Known(np.maximum(0, _milliseconds(until.values - times.alerted.values)), times.alerted.known & until.known)
    return Ruled(
        {
            "measured_ms": Known(np.where(answered, measured, 0), times.finished).column(pa.int64()),
            "ring_ms": Known.of(columns["ring_ms"]).or_else(rang).column(pa.int64()),
            "flags": _flagged(Flag.ZERO_DURATION, times.finished & answered & (measured == 0)),
        },
        is_plain,
    )


def _flagged(flag: Flag, rows: Mask) -> pa.Array:
    """The one flag of these rows; all others have none."""
    ends = np.concatenate([[0], np.cumsum(rows)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), pa.repeat(pa.scalar(str(flag), pa.string()), int(ends[-1])))


def _milliseconds(microseconds: Numbers) -> Numbers:
    return (microseconds + 500) // 1_000


def causes(columns: Columns, times: Times) -> Ruled:
    """Twin of `causes.apply_cause_rules`."""
    status, given = Known.of(columns["sip_status"]), Known.of(columns["q850"])
    mapped = _Q850_OF_STATUS[status.values]
    q850 = given.or_else(Known(mapped, mapped > 0))
    rank = np.minimum(_RANK_OF_STATUS[status.values], _RANK_OF_Q850[q850.values])
    unanswered = times.finished & ~times.answered.known
    named = _CLASSES.take(pa.array(np.where(unanswered, rank, 0), mask=~unanswered))
    classes = named
    if not is_unknown(columns["reject_class"]):
        given_class = pc.if_else(pa.array(unanswered), columns["reject_class"], NO_TEXT)
        classes = pc.coalesce(given_class, named)
    return Ruled({"q850": q850.column(pa.int32()), "reject_class": classes}, np.ones(len(rank), bool))


def arrival(times: Times, received_at: pa.Array, late_days: int) -> Ruled:
    """Twin of `times.apply_arrival_rules`."""
    received = Known.of(received_at).values
    latest = received + FUTURE_TOLERANCE // _MICROSECOND
    happened = times.answered.or_else(times.started)
    is_plain = ~happened.known | (happened.values >= received - timedelta(days=late_days) // _MICROSECOND)
    for instant in (times.started, times.alerted, times.answered, times.released):
        is_plain &= ~instant.known | (instant.values <= latest)
    return Ruled({}, is_plain)
