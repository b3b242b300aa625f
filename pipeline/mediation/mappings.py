"""Formats as data: which column of a simple export is which fact of the call.

A mapping names, for each fact that is known here, the column (or the path in a JSON object) that holds it. Shipped
mappings are in data/mappings; a source can bring its own.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from pipeline.mediation.causes import q850_or_none
from pipeline.mediation.chains import DELTA
from pipeline.mediation.draft import Draft, Fields, bad_field
from pipeline.mediation.feed import Feed, customer_side
from pipeline.mediation.iso_times import utc_instant
from pipeline.mediation.local_times import Printed, resolve
from pipeline.mediation.notes import Notes
from pipeline.mediation.times import from_epoch_us
from pipeline.mediation.values import figure, sip_status, whole_number
from pipeline.shipped import DATA
from schemas.cdr import Direction, RecordType
from schemas.outcomes import Flag, RejectClass

Fact = Literal[
    "id", "call_id", "sequence", "node", "calling", "called", "asserted", "diversion", "display_name", "start",
    "alert", "answer", "end", "duration", "billsec", "sip_status", "cause", "native_cause", "trunk", "user",
    "source_ip", "direction", "ingress_group", "egress_group", "carrier", "pdd", "ring", "attempt", "is_last",
    "capacity", "route", "record",
]  # fmt: skip
_ISO = frozenset({"iso", "iso_utc"})
_EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
_TEXTS = {
    "node": "source_node", "calling": "calling_raw", "called": "called_raw", "asserted": "pai_raw",
    "diversion": "diversion_raw", "display_name": "display_name", "native_cause": "native_cause",
    "user": "user_name", "source_ip": "source_ip",
    "ingress_group": "ingress_trunk_group", "egress_group": "egress_trunk_group", "carrier": "carrier_id",
    "route": "route_id",
}  # fmt: skip
_TIMES = {"start": "started_at", "alert": "alerted_at", "answer": "answered_at", "end": "released_at"}
_TELNYX_LIMIT = re.compile(r"\bD(?:1|2|3|22)\b")
_DURATION_MAX_MS = 2**50
_E164_DIGITS_MIN = 7
"""Shorter digits are an emergency or service code, which has no plus."""

Lookup = Callable[[str], str | None]
"""The text of a column or path; None where there is none."""


class Mapping(BaseModel):
    """Which column holds which fact, and how times and durations are written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    facts: dict[Fact, str | tuple[str, ...]]
    """The column of each fact, or several of which the first that holds something counts."""
    time: str = Field(
        "iso",
        description="iso; iso_utc, where no offset means UTC; epoch_s, epoch_ms, epoch_us; or %Y-%m-%d and so on",
    )
    duration_unit: Literal["s", "ms"] = "s"
    directions: dict[str, Direction] = Field({}, description="values of the direction column")
    records: dict[str, RecordType] = Field({}, description="values of the record column, such as START, INTERIM, STOP")
    parts: Literal["total", "delta"] = Field(
        "total", description="whether the duration of a part counts from the answer, or from the part before it"
    )
    skip: dict[str, tuple[str, ...]] = Field({}, description="values of a column that mark a record as no CDR")
    plus: bool = Field(default=False, description="numbers are E.164 without a plus")

    @cached_property
    def columns(self) -> frozenset[str]:
        """All columns that are read."""
        return frozenset(column for names in self.facts.values() for column in _several(names))

    def known(self, look_up: Lookup) -> dict[Fact, str]:
        """The facts that a record has, as texts."""
        found = {fact: _first(look_up, names) for fact, names in self.facts.items()}
        return {fact: text for fact, text in found.items() if text is not None}

    def skips(self, look_up: Lookup) -> str | None:
        """Why the record is no CDR, if it is none."""
        for column, values in self.skip.items():
            found = look_up(column)
            if found in values:
                return f"{column} {found}"
        return None


def _several(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names


def _first(look_up: Lookup, names: str | tuple[str, ...]) -> str | None:
    return next((text for name in _several(names) if (text := look_up(name))), None)


@lru_cache(maxsize=16)
def shipped_mapping(name: str) -> Mapping:
    """A mapping of data/mappings."""
    return Mapping.model_validate(yaml.safe_load((DATA / "mappings" / f"{name}.yaml").read_text(encoding="utf-8")))


def draft_by_mapping(look_up: Lookup, mapping: Mapping, feed: Feed[Any], notes: Notes) -> Draft:
    """Read one record."""
    known = mapping.known(look_up)
    side = customer_side(feed.options, [known.get("ingress_group")], [known.get("egress_group")])
    record_type = _record_type(known, mapping)
    fields: Fields = {
        **{_TEXTS[fact]: text for fact, text in known.items() if fact in _TEXTS},
        "leg_id": known.get("id"),
        "record_seq": whole_number("sequence", known.get("sequence")),
        "claimed_trunk_id": known.get("trunk") or side.trunk_id,
        "direction": mapping.directions.get(known.get("direction", ""), side.direction),
        "record_type": record_type,
        "route_attempt": figure(known.get("attempt")),
        "reject_class": RejectClass.CAPACITY if is_capacity_refusal(known) else None,
        "sip_status": sip_status(known.get("sip_status")),
        "q850": q850_or_none(whole_number("cause", known.get("cause"))),
        "pdd_ms": _milliseconds("pdd", known, mapping),
        "ring_ms": _milliseconds("ring", known, mapping),
        **_times(known, mapping, feed, notes),
    }
    if mapping.plus:
        fields |= {
            name: f"+{text}"
            for name in ("calling_raw", "called_raw")
            if (text := fields.get(name, "")).isdecimal() and len(text) >= _E164_DIGITS_MIN
        }
    call = known.get("call_id") or known.get("id")
    return Draft(_key(known, record_type), call, fields, notes)


def _record_type(known: dict[Fact, str], mapping: Mapping) -> RecordType:
    told = known.get("record")
    if told is None or not mapping.records:
        return RecordType.ATTEMPT if known.get("is_last") == "false" else RecordType.STOP
    if told not in mapping.records:
        raise bad_field("record", told, f"one of {', '.join(mapping.records)}")
    return mapping.records[told]


def _key(known: dict[Fact, str], record_type: RecordType) -> tuple[str, ...]:
    """The id and the sequence; parts without a sequence are told apart by their time and length."""
    if "id" not in known:
        return ()
    if record_type is not RecordType.INTERIM or "sequence" in known:
        return known["id"], known.get("sequence", "")
    return known["id"], *(known.get(fact, "") for fact in ("start", "answer", "end", "duration", "billsec"))


def is_capacity_refusal(known: dict[Fact, str]) -> bool:
    """Whether the source marks a channel limit: a resource that was exhausted, or 403 with D1, D2, D3 or D22 (R40)."""
    code = _TELNYX_LIMIT.search(known.get("native_cause", "")) if known.get("sip_status") == "403" else None
    return bool(known.get("capacity")) or code is not None


def _times(known: dict[Fact, str], mapping: Mapping, feed: Feed[Any], notes: Notes) -> Fields:
    """Times as given; where only a start and durations are, end = start + duration and answer = end - billsec.

    What follows is reckoned in UTC, because a local clock may be set in the middle of a call (R17).
    """
    duration, billsec = _milliseconds("duration", known, mapping), _milliseconds("billsec", known, mapping)
    stamps = {name: _stamp(fact, known[fact], mapping) for fact, name in _TIMES.items() if fact in known}
    printed = [
        Printed(first, "released_at", span)
        for first, span in (("started_at", duration), ("answered_at", billsec))
        if span is not None
    ]
    if mapping.time in {*_ISO, *_EPOCHS}:
        derived = _derived(stamps, mapping, duration, billsec)
        times: Fields = {**derived, "tz_source": "offset" if mapping.time in _ISO else "epoch"}
    else:
        local = {name: None if stamp is None else stamp.replace(tzinfo=None) for name, stamp in stamps.items()}
        placed = resolve(local, feed.zone, printed, notes)
        is_certain = all(placed.get(name) is not None for name, stamp in local.items() if stamp is not None)
        times = {**(_derived(placed, mapping, duration, billsec) if is_certain else placed)}
        times |= {"src_tz": str(feed.zone), "tz_source": "config"}
    if times.get("answered_at") is None and billsec and "answer" in mapping.facts:
        notes.warn(Flag.DISPOSITION_CONFLICT)
    reported, basis = (billsec, "answer") if billsec is not None else (duration, "start")
    basis = DELTA if mapping.parts == "delta" else basis
    return times | ({"reported_ms": reported, "duration_basis": basis} if reported is not None else {})


def _derived(
    stamps: dict[str, datetime | None], mapping: Mapping, duration: int | None, billsec: int | None
) -> dict[str, datetime | None]:
    started, answered = stamps.get("started_at"), stamps.get("answered_at")
    if "end" in mapping.facts:
        return stamps
    if answered is not None and billsec is not None:
        return {**stamps, "released_at": answered + timedelta(milliseconds=billsec)}
    if started is None:
        return stamps
    span = billsec if duration is None else duration
    if span is None or span < 0:
        return stamps
    released = started + timedelta(milliseconds=span)
    talked = span if billsec is None else billsec
    is_answered = talked != 0 and "answer" not in mapping.facts
    answered = released - timedelta(milliseconds=talked) if is_answered else answered
    return {**stamps, "answered_at": answered, "released_at": released}


def _stamp(fact: str, text: str, mapping: Mapping) -> datetime | None:
    if mapping.time == "iso":
        return utc_instant(fact, text)
    if mapping.time == "iso_utc":
        return utc_instant(fact, text, default=UTC)
    factor = _EPOCHS.get(mapping.time)
    try:
        if factor is None:
            return datetime.strptime(text, mapping.time).replace(tzinfo=UTC)
        return from_epoch_us(fact, int(Decimal(text) * factor + Decimal("0.5")))
    except (ValueError, OverflowError, InvalidOperation):
        raise bad_field(fact, text, f"a time written as {mapping.time}") from None


def _milliseconds(fact: Fact, known: dict[Fact, str], mapping: Mapping) -> int | None:
    text = known.get(fact)
    if text is None:
        return None
    try:
        exact = Decimal(text.strip()) * (1_000 if mapping.duration_unit == "s" else 1)
    except InvalidOperation:
        raise bad_field(fact, text, "a number") from None
    if not exact.is_finite() or abs(exact) > _DURATION_MAX_MS:
        raise bad_field(fact, text, "a duration")
    return int(exact.to_integral_value())
