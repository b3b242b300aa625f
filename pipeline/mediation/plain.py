"""Many drafts at once, for plain rows only.

A row is plain when no rule has anything to remark on it but a duration of 0. All other rows, usually few, go through
`canonical`, which is the specification; a test compares the two on every kind of input.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation import plain_rules as rules
from pipeline.mediation.columns import Mask, as_mask, batch_of, same_in_all, unknown_column
from pipeline.mediation.feed import Feed
from pipeline.mediation.hash_columns import raw_hashes, record_ids
from pipeline.mediation.identity import SEPARATOR
from pipeline.mediation.plain_numbers import numbers
from pipeline.mediation.raw import RawBatch
from pipeline.mediation.record_bytes import RecordBytes
from pipeline.mediation.texts import RECORD_BYTES_MAX
from pipeline.settings import Source
from schemas.cdr import CDR_SCHEMA, INSTANT

_INPUTS = (
    "started_at", "alerted_at", "answered_at", "released_at", "reported_ms", "ring_ms", "sip_status", "q850",
    "reject_class", "calling_raw", "called_raw", "pai_raw", "diversion_raw",
    "display_name", "packets_in", "direction", "egress_trunk_group", "egress_call_id",
)  # fmt: skip


class Drafts(NamedTuple):
    """Drafts of many records: what `Draft` is for one."""

    columns: dict[str, pa.Array]
    """CDR fields, of the types of CDR_SCHEMA; one that is missing is unknown. Durations count from the answer."""
    key: Sequence[pa.Array]
    """The parts of the native key; none of them is null."""
    calls: pa.Array
    readable: Mask
    """False where the format's specification has to read the record."""
    raw: pa.Array | None = None
    """The bytes of the records, where the reader holds them as a column."""


class PlainRows(NamedTuple):
    """A batch of all rows, and which of them are plain; the others hold nothing of use."""

    cdrs: pa.RecordBatch
    is_plain: Mask


def plain_cdrs(drafts: Drafts, raw: RawBatch, feed: Feed[Any], *, late_days: int) -> PlainRows:
    """Apply the shared rules to all rows of a batch."""
    count = len(raw.offsets)
    columns = {name: unknown_column(CDR_SCHEMA.field(name).type, count) for name in _INPUTS}
    columns |= {"source_node": same_in_all(feed.source.node, pa.string(), count)}
    columns |= drafts.columns | _provenance(raw, drafts.raw, feed.source)
    times = rules.Times.of(columns)
    ruled = (
        rules.durations(columns, times),
        rules.causes(columns, times),
        numbers(columns, times, feed),
        rules.arrival(times, columns["received_at"], late_days),
    )
    for rule in ruled:
        columns |= rule.columns
    columns |= {"cdr_id": _ids(columns, drafts.key), "call_group_id": drafts.calls}
    is_plain = np.logical_and.reduce([drafts.readable, _is_short(columns["raw"]), *(rule.is_plain for rule in ruled)])
    return PlainRows(batch_of(columns, CDR_SCHEMA, count), is_plain)


def _provenance(raw: RawBatch, values: pa.Array | None, source: Source) -> dict[str, pa.Array]:
    count = len(raw.offsets)
    return {
        "source": same_in_all(source.name, pa.string(), count),
        "source_format": same_in_all(source.format, pa.string(), count),
        "partition": same_in_all(raw.partition, pa.string(), count),
        "offset": pa.array(raw.offsets, pa.int64()),
        "received_at": _received(raw.received_at),
        "raw": RecordBytes.of(raw.values).records if values is None else values,
        "raw_sha256": raw_hashes(raw.values),
        "record_index": same_in_all(0, pa.int32(), count),
    }


def _is_short(records: pa.Array) -> Mask:
    return as_mask(pc.less_equal(pc.binary_length(records), RECORD_BYTES_MAX))


def _received(instants: Sequence[datetime]) -> pa.Array:
    """The records of one fetch or one file often share their instant, which is much faster."""
    if instants and instants.count(instants[0]) == len(instants):
        return same_in_all(instants[0], INSTANT, len(instants))
    return pa.array(instants, INSTANT)


def _ids(columns: dict[str, pa.Array], key: Sequence[pa.Array]) -> pa.Array:
    node = columns["source_node"].fill_null("")
    return record_ids(pc.binary_join_element_wise(columns["source"], node, *key, columns["record_type"], SEPARATOR))
