"""Stamps with a zone token in columns: the twin of `zoned_times.ZonedClock.instant`.

Every different stamp of a batch is read once; a stamp that has a remark leaves its row to the specification.
"""

from typing import NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa

from pipeline.mediation.columns import Mask
from pipeline.mediation.draft import Unreadable
from pipeline.mediation.local_columns import Instants
from pipeline.mediation.notes import Notes
from pipeline.mediation.zoned_times import ZonedClock
from schemas.cdr import INSTANT


class _Reading(NamedTuple):
    micros: int | None
    is_plain: bool


def zoned_instants(texts: pa.Array, zone: ZoneInfo) -> Instants:
    """The instants, and the rows whose stamp needs no remark."""
    encoded = texts.dictionary_encode()
    readings = [_read(text, zone) for text in encoded.dictionary.to_pylist()]
    instants = pa.array([reading.micros for reading in readings], pa.int64()).cast(INSTANT)
    plain = pa.array([reading.is_plain for reading in readings], pa.bool_())
    mask: Mask = plain.take(encoded.indices).to_numpy(zero_copy_only=False)
    return Instants(instants.take(encoded.indices), mask)


def _read(text: str, zone: ZoneInfo) -> _Reading:
    notes = Notes()
    try:
        instant = ZonedClock(zone, notes).instant("time", text)
    except (Unreadable, OverflowError):
        return _Reading(None, is_plain=False)
    if notes.flags or notes.rejection():
        return _Reading(None, is_plain=False)
    return _Reading(None if instant is None else pa.scalar(instant, INSTANT).value, is_plain=True)
