"""Stamps with a zone token in columns: the twin of `zoned_times.ZonedClock.instant`.

Stamps of the usual form are read together; of all others every different one is read once. A stamp that needs a remark
leaves its row to the specification.
"""

import re
from datetime import date, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.columns import Mask, Numbers, as_mask, unknown_column
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
from pipeline.mediation.record_bytes import RecordBytes
from pipeline.mediation.text_columns import NO_TEXT, mapped
from pipeline.mediation.times import MONTHS
from pipeline.mediation.word_times import clock_times
from pipeline.mediation.zoned_times import ZonedClock, fixed_zone, is_zone_name
from schemas.cdr import INSTANT

_CLOCK_CHARACTERS, _DECIMALS_MAX, _DATE_CHARACTERS = len("12:00:00"), 6, len(" Oct 01 2026")
_DATE = re.compile(" (?P<month>[A-Za-z]{3}) (?P<day>[0-9]{2}) (?P<year>[12][0-9]{3})")
_TOKEN = re.compile(
    " *(?: (?!MON|TUE|WED|THU|FRI|SAT|SUN)(?P<token>[A-Z]{1,5}(?:[+-][0-9:]{1,5})?))?"
    "(?: +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun))? *"
)
_BLANK, _DELETE = b" \x7f"
_DAY_US = 86_400_000_000
_BEGIN = date(1970, 1, 1)


def zoned_instants(texts: pa.Array, zone: ZoneInfo) -> Instants:
    """The instants, and the rows whose stamp needs no remark."""
    if pc.all(pc.equal(texts, "")).as_py():
        return Instants(unknown_column(INSTANT, len(texts)), np.ones(len(texts), bool))
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
    """The local stamps of the usual form and their tokens; clock, token and date are read one by one.

    Few dates and tokens are different, so that each is looked at once.
    """
    content = RecordBytes.of_texts(texts)
    starts = content.bounds[:-1]
    ends = np.where(content.is_printable(without=_DELETE), content.ends, starts)
    dates = np.maximum(ends - _DATE_CHARACTERS, starts)
    behind_clock = (starts + _CLOCK_CHARACTERS)[:, None] + np.arange(_DECIMALS_MAX + 2, dtype=np.int32)
    blank = (content.data[behind_clock] == _BLANK).argmax(axis=1).astype(np.int32)
    tokens = np.minimum(starts + _CLOCK_CHARACTERS + blank, dates)
    clock = clock_times(content.words, starts, tokens)
    days = mapped(content.texts(dates, ends), _days, pa.int64())
    token = mapped(content.texts(tokens, dates), _token, pa.string())
    known = clock.readable & as_mask(days.is_valid()) & as_mask(token.is_valid())
    micros = days.fill_null(0).to_numpy() * _DAY_US + clock.values
    return LocalStamps(np.where(known, micros, 0), known, known | (starts == content.ends)), token.fill_null("")


def _days(text: str) -> int | None:
    """` Oct 01 2026`, in days since 1970."""
    found = _DATE.fullmatch(text)
    month = MONTHS.get(found["month"].upper()) if found else None
    try:
        return (date(int(found["year"]), month, int(found["day"])) - _BEGIN).days if found and month else None
    except ValueError:
        return None


def _token(text: str) -> str | None:
    """What stands between clock and date, without blanks and weekday; None where it is something else."""
    found = _TOKEN.fullmatch(text)
    return (found["token"] or "") if found else None


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
