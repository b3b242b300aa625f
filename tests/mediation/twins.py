"""Compares the fast reader of a format with its specification on records that hypothesis damages."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pyarrow as pa
from hypothesis import strategies as st

from pipeline.mediation.batch import mediate_counting, read_cdrs
from pipeline.mediation.canonical import Arrived
from pipeline.mediation.feed import feed_of
from pipeline.mediation.raw import RawBatch
from pipeline.mediation.registry import format_named
from pipeline.settings import Source
from schemas.cdr import cdrs_to_arrow

RECEIVED = datetime(2026, 10, 1, 13, tzinfo=UTC)


def a_batch(values: Sequence[bytes]) -> RawBatch:
    """Values as they come from a topic."""
    return RawBatch("cdr.raw.feed-0", range(100, 100 + len(values)), values, [RECEIVED] * len(values))


def specified(raw: RawBatch, source: Source) -> pa.RecordBatch:
    """What the specification makes of a batch, record by record."""
    record_format = format_named(source.format)
    feed = feed_of(source, record_format.options)
    rows = zip(raw.offsets, raw.received_at, raw.values, strict=True)
    return cdrs_to_arrow(
        cdr
        for offset, received_at, value in rows
        for cdr in read_cdrs(Arrived.of(raw.partition, offset, received_at, value), feed, record_format)
    )


def assert_twins_agree(values: Sequence[bytes], source: Source) -> None:
    """Both readers give the same batch; a difference names the first record and field."""
    raw = a_batch(values)
    expected, found = specified(raw, source), mediate_counting(raw, source).cdrs
    if expected == found:
        return
    for right, wrong in zip(expected.to_pylist(), found.to_pylist(), strict=True):
        assert right == wrong
    raise AssertionError(f"schemas differ: {expected.schema} and {found.schema}")


def damaged(records: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Records of which some are cut, doubled or have a byte changed."""
    return st.one_of(records, records, records, st.builds(_damage, records, st.integers(0), st.binary(max_size=2)))


def _damage(record: bytes, position: int, insert: bytes) -> bytes:
    at = position % (len(record) + 1)
    return record[:at] + insert + record[at + 1 :] if insert else record[:at]


def changed(base: Mapping[str, object], changes: Mapping[str, st.SearchStrategy[object]]) -> st.SearchStrategy[dict]:
    """The base record with some of these fields set to other values."""
    return st.fixed_dictionaries({}, optional=dict(changes)).map(lambda chosen: {**base, **chosen})
