"""Mediation of a whole batch, and its way to the partitions of `cdr.leg`."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import pyarrow as pa

from pipeline.mediation.canonical import Arrived, canonical_cdr, unread_cdr
from pipeline.mediation.columns import Numbers, interleaved, take_rows
from pipeline.mediation.draft import Draft, Failure, Parsed, Skip
from pipeline.mediation.feed import Feed, feed_of
from pipeline.mediation.format import Format, parse_record
from pipeline.mediation.plain import plain_cdrs
from pipeline.mediation.raw import RawBatch
from pipeline.mediation.registry import format_named
from pipeline.mediation.restarts import Restart
from pipeline.settings import Source
from schemas.cdr import CDR, cdrs_to_arrow

_NO_CDRS = cdrs_to_arrow([])
LATE_DAYS = 92
"""Records older than this are TOO_OLD unless the settings say otherwise."""


class Mediated(NamedTuple):
    """The CDRs of a batch, and how its values were read."""

    cdrs: pa.RecordBatch
    skipped: int
    """Values that are no CDRs: headers, audit lines, foreign lines."""
    in_columns: int
    """Values that the fast twin of the format read."""
    restarts: tuple[Restart, ...] = ()
    """Nodes that restarted, as some of the skipped values tell."""
    skipped_offsets: tuple[int, ...] = ()
    """Where the skipped values stand; a node may have numbered them, too."""


def mediate(raw: RawBatch, source: Source, *, late_days: int = LATE_DAYS) -> pa.RecordBatch:
    """Turn raw records into canonical CDRs (CDR_SCHEMA), in their order.

    A pure function of the bytes and the settings; never raises on input. A value that does not parse is a row with
    its reason. A value that is no CDR gives no row; `mediate_counting` tells how many.
    """
    return mediate_counting(raw, source, late_days=late_days).cdrs


def mediate_counting(raw: RawBatch, source: Source, *, late_days: int = LATE_DAYS) -> Mediated:
    """As `mediate`, and count the values that are no CDRs."""
    record_format = format_named(source.format)
    feed = feed_of(source, record_format.options)
    batches, positions, kept = [], [], []
    left = np.ones(len(raw.values), bool)
    is_fast = record_format.columns is not None and feed.options.file_fault is None
    for at, drafts in record_format.columns(raw.values, feed) if record_format.columns and is_fast else ():
        rows = plain_cdrs(drafts, raw.take(at), feed, late_days=late_days)
        batches.append(rows.cdrs)
        positions.append(at)
        kept.append(rows.is_plain)
        left[at[rows.is_plain]] = False
    rest = np.flatnonzero(left)
    found = _one_by_one(raw, rest, feed, record_format, late_days)
    kept.append(np.ones(found.cdrs.num_rows, bool))
    cdrs = interleaved([*batches, found.cdrs], [*positions, found.of_value], kept)
    skipped = tuple(found.skipped_offsets)
    return Mediated(cdrs, len(skipped), len(left) - len(rest), tuple(found.restarts), skipped)


class _Read(NamedTuple):
    """What the specification makes of some values."""

    cdrs: pa.RecordBatch
    of_value: Numbers
    """Position of the value that each CDR is from."""
    skipped_offsets: list[int]
    restarts: list[Restart]


def _one_by_one(raw: RawBatch, positions: Numbers, feed: Feed[Any], record_format: Format, late_days: int) -> _Read:
    cdrs: list[CDR] = []
    of_value: list[int] = []
    restarts: list[Restart] = []
    skipped: list[int] = []
    for position in positions.tolist():
        at = Arrived.of(raw.partition, raw.offsets[position], raw.received_at[position], raw.values[position])
        parsed = parse_record(at.value, feed, record_format)
        found = list(_cdrs_of(parsed, at, feed, late_days))
        cdrs += found
        of_value += [position] * len(found)
        skipped += [] if found else [at.offset]
        restarts += _restarts_of(parsed, at, feed)
    return _Read(cdrs_to_arrow(cdrs) if cdrs else _NO_CDRS, np.array(of_value, np.int64), skipped, restarts)


def read_cdrs(at: Arrived, feed: Feed[Any], record_format: Format, late_days: int = LATE_DAYS) -> Iterator[CDR]:
    """The CDRs of one value: the specification of mediation."""
    yield from _cdrs_of(parse_record(at.value, feed, record_format), at, feed, late_days)


def _cdrs_of(found: Sequence[Parsed], at: Arrived, feed: Feed[Any], late_days: int) -> Iterator[CDR]:
    for index, parsed in enumerate(found):
        if isinstance(parsed, Failure):
            yield unread_cdr(parsed, at, feed.source, index)
        elif isinstance(parsed, Draft):
            yield canonical_cdr(parsed, at, feed, late_days=late_days, record_index=index)


def _restarts_of(found: Sequence[Parsed], at: Arrived, feed: Feed[Any]) -> Iterator[Restart]:
    for parsed in found:
        if isinstance(parsed, Skip) and parsed.restart is not None:
            node = parsed.restart.node or feed.source.node
            yield Restart(feed.source.name, node, at.partition, at.offset, at.received_at)


def leg_partition_of(call_group: bytes, partitions: int) -> int:
    """The partition of `cdr.leg` that all records of a call go to."""
    return crc32(call_group) % partitions


def split_by_call_group(cdrs: pa.RecordBatch, partitions: int) -> list[pa.RecordBatch]:
    """One batch for each partition of `cdr.leg`, empty or not; all records of a call go to the same one."""
    groups: Sequence[bytes] = cdrs.column("call_group_id").cast(pa.binary()).to_pylist()
    target = np.fromiter((leg_partition_of(group, partitions) for group in groups), np.int64, len(groups))
    ordered = take_rows(cdrs, np.argsort(target, kind="stable"))
    ends = np.cumsum(np.bincount(target, minlength=partitions)).tolist()
    return [ordered.slice(start, end - start) for start, end in zip([0, *ends], ends, strict=False)]
