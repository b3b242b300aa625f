"""From what a format read to the canonical CDR: the rules that all formats share, in one order."""

from datetime import datetime
from typing import Any, NamedTuple

from pipeline.mediation.causes import apply_cause_rules
from pipeline.mediation.draft import Draft, Failure
from pipeline.mediation.durations import apply_duration_rules, milliseconds_between
from pipeline.mediation.feed import Feed
from pipeline.mediation.identity import raw_hash, record_id, unread_id
from pipeline.mediation.media import apply_media_rules
from pipeline.mediation.notes import Notes
from pipeline.mediation.numbers import apply_number_rules
from pipeline.mediation.times import apply_arrival_rules
from pipeline.settings import Source
from schemas.cdr import CDR, RecordType


class Arrived(NamedTuple):
    """Where and when one value was read."""

    partition: str
    offset: int
    received_at: datetime
    value: bytes
    raw_sha256: bytes

    @classmethod
    def of(cls, partition: str, offset: int, received_at: datetime, value: bytes) -> "Arrived":
        """Hash the value."""
        return cls(partition, offset, received_at, value, raw_hash(value))


def canonical_cdr(draft: Draft, at: Arrived, feed: Feed[Any], *, late_days: int, record_index: int = 0) -> CDR:
    """Apply the shared rules to a draft."""
    fields, notes = draft.fields, draft.notes or Notes()
    fields.setdefault("record_type", RecordType.STOP)
    fields.setdefault("source_node", feed.source.node)
    apply_duration_rules(fields, notes, draft.resolution_ms)
    apply_media_rules(fields, notes)
    apply_cause_rules(fields)
    apply_number_rules(fields, notes, feed)
    apply_arrival_rules(fields, notes, at.received_at, late_days)
    _set_ring_time(fields)
    key = draft.key or (at.raw_sha256.hex(),)
    rejection = notes.rejection()
    return CDR(
        source=feed.source.name,
        source_format=feed.source.format,
        partition=at.partition,
        offset=at.offset,
        received_at=at.received_at,
        raw_sha256=at.raw_sha256,
        raw=at.value,
        record_index=record_index,
        cdr_id=record_id(feed.source.name, fields["source_node"], key, fields["record_type"]),
        call_group_id=draft.call or key[0],
        flags=tuple(notes.flags),
        reject_reason=rejection and rejection[0],
        reject_detail=rejection and rejection[1],
        **fields,
    )


def unread_cdr(failure: Failure, at: Arrived, source: Source, record_index: int = 0) -> CDR:
    """The row of a record that could not be read: where it came from, its bytes, and why."""
    name = unread_id(source.name, at.partition, at.offset, record_index)
    return CDR(
        source=source.name,
        source_format=source.format,
        partition=at.partition,
        offset=at.offset,
        received_at=at.received_at,
        raw_sha256=at.raw_sha256,
        raw=at.value,
        record_index=record_index,
        cdr_id=name,
        call_group_id=name,
        source_node=source.node,
        reject_reason=failure.reason,
        reject_detail=failure.detail,
    )


def _set_ring_time(fields: dict[str, object]) -> None:
    alerted, until = fields.get("alerted_at"), fields.get("answered_at") or fields.get("released_at")
    if fields.get("ring_ms") is None and isinstance(alerted, datetime) and isinstance(until, datetime):
        fields["ring_ms"] = max(0, milliseconds_between(alerted, until))
