"""Stamps with a zone token in columns: the twin of `zoned_times.ZonedClock.instant`.

Stamps of the usual form are read together; of all others every different one is read once. A stamp that needs a remark
leaves its row to the specification.
"""

from datetime import tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.columns import Mask, Numbers, as_mask
from pipeline.mediation.draft import Unreadable
from pipeline.mediation.local_columns import (
    UNDECIDED,
    Instants,
    LocalStamps,
    distinct,
    offset_of_quarter,
    quarter_begin,
    quarters_of,
    shifted,
)
from pipeline.mediation.notes import Notes
from pipeline.mediation.text_columns import NO_TEXT, mapped
from pipeline.mediation.times import MONTHS
from pipeline.mediation.zoned_times import ZonedClock, fixed_zone, is_zone_name
from schemas.cdr import INSTANT

_FORM = (
    r"^(?P<clock>[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?) +(?:(?P<token>[A-Z]{1,5}(?:[+-][0-9:]{1,5})?) +)?"
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) +)?(?P<month>[A-Za-z]{3}) (?P<day>[0-9]{2}) (?P<year>[0-9]{4})$"
)
_WEEKDAYS = pa.array(["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"])


def zoned_instants(texts: pa.Array, zone: ZoneInfo) -> Instants:
    """The instants, and the rows whose stamp needs no remark."""
    stamps, tokens = _usual(texts)
    offsets, decided = _offsets(stamps, tokens, zone)
    found = shifted(stamps, offsets, decided)
    usual = stamps.known & decided
    if usual.all():
        return Instants(found.column, usual)
    rest = pc.if_else(pa.array(usual), NO_TEXT, texts)
    others = _one_by_one(rest.fill_null(""), zone)
    return Instants(pc.coalesce(found.column, others.column), usual | others.decided)


def _usual(texts: pa.Array) -> tuple[LocalStamps, pa.Array]:
    parts = pc.extract_regex(texts, _FORM)
    clock, token, month, day, year = (
        pc.struct_field(parts, name).fill_null("") for name in ("clock", "token", "month", "day", "year")
    )
    number = mapped(month, lambda name: f"{MONTHS[name.upper()]:02}" if name.upper() in MONTHS else None, pa.string())
    date = pc.binary_join_element_wise(year, number, day, "-")
    iso = pc.binary_join_element_wise(date, clock, " ").fill_null("")
    stamps = LocalStamps.of(iso, fractions=True)
    is_weekday = as_mask(pc.is_in(token, _WEEKDAYS))
    return stamps._replace(known=stamps.known & ~is_weekday), token


def _offsets(stamps: LocalStamps, tokens: pa.Array, zone: ZoneInfo) -> tuple[Numbers, Mask]:
    """The offset of each stamp's clock by its token; undecided where the zone knows no such token at that time."""
    quarters, at = distinct(quarters_of(stamps))
    offsets = np.full(len(at), UNDECIDED, np.int64)
    for token in pc.unique(tokens).to_pylist():
        of_quarters = np.array([_offset(int(quarter), token, zone) for quarter in quarters], np.int64)
        rows = as_mask(pc.equal(tokens, token))
        offsets = np.where(rows, of_quarters[at], offsets) if len(quarters) else offsets
    decided = offsets != UNDECIDED
    return np.where(decided, offsets, 0), decided


@lru_cache(maxsize=65_536)
def _offset(quarter: int, token: str, zone: ZoneInfo) -> int:
    fixed = fixed_zone(token)
    meant: tzinfo = fixed or zone
    offset = offset_of_quarter(quarter, meant)
    if fixed or not token or offset == UNDECIDED:
        return offset
    named = quarter_begin(quarter).replace(tzinfo=zone).tzname()
    return offset if is_zone_name(token, named) else UNDECIDED


class _Reading(NamedTuple):
    micros: int | None
    is_plain: bool


def _one_by_one(texts: pa.Array, zone: ZoneInfo) -> Instants:
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
