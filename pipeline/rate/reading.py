"""The records behind ledger rows, as they were received or as today's settings read them."""

from collections.abc import Sequence

import pyarrow as pa

from pipeline.mediation.batch import read_cdrs
from pipeline.mediation.canonical import Arrived
from pipeline.mediation.feed import feed_of
from pipeline.mediation.registry import format_named
from pipeline.rate.identity import PARSE_FAILURES
from pipeline.rate.legs import SUSPENDED
from pipeline.settings import Settings
from schemas.cdr import CDR, CDR_SCHEMA, cdrs_from_arrow
from schemas.outcomes import RejectReason

OF_MEDIATION = (
    *PARSE_FAILURES,
    RejectReason.NEG_DURATION,
    RejectReason.DURATION_MISMATCH,
    RejectReason.TZ_AMBIGUOUS,
    RejectReason.FUTURE,
    RejectReason.TOO_OLD,
    RejectReason.NUM_UNPARSED,
)
"""Reasons that reading the bytes again may do away with."""
FINAL = (*SUSPENDED, RejectReason.KEY_CONFLICT, RejectReason.ROLLED_BACK)
"""Reasons that no replay changes: a late record, a correction or a new load of the file does."""


def records_again(rows: pa.Table, settings: Settings) -> list[CDR]:
    """The CDRs of rejected rows: without a reason of rating, read again from their bytes for one of mediation."""
    return [_again(cdr, settings) for cdr in cdrs_from_arrow(rows)]


def cdr_batch(rows: pa.Table) -> pa.RecordBatch:
    """The records of rated rows as a batch."""
    return (
        pa.Table.from_batches(rows.select(CDR_SCHEMA.names).to_batches())
        .cast(CDR_SCHEMA)
        .combine_chunks()
        .to_batches()[0]
    )


def records_of(rows: pa.Table) -> Sequence[CDR]:
    """The CDRs of rows, without what rating said of them."""
    return [without_rating(cdr) for cdr in cdrs_from_arrow(rows)]


def without_rating(cdr: CDR) -> CDR:
    """A record as mediation gave it; a reason of rating goes, one of mediation stays."""
    if cdr.reject_reason in OF_MEDIATION:
        return cdr
    return cdr._replace(reject_reason=None, reject_detail=None)


def _again(cdr: CDR, settings: Settings) -> CDR:
    if cdr.reject_reason not in OF_MEDIATION or cdr.raw is None:
        return without_rating(cdr)
    source = next((source for source in settings.sources if source.name == cdr.source), None)
    if source is None:
        return cdr
    record_format = format_named(source.format)
    at = Arrived.of(cdr.partition, cdr.offset, cdr.received_at, cdr.raw)
    found = read_cdrs(at, feed_of(source, record_format.options), record_format, settings.late_days)
    return next((again for again in found if again.record_index == cdr.record_index), cdr)
