"""Ledger rows from rated records: the record, its price, and the bookkeeping of the row."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.columns import take_rows
from pipeline.rate.identity import answer_days
from pipeline.rate.judge import Judgement
from pipeline.rate.legs import Row
from schemas.cdr import CDR, cdrs_to_arrow
from schemas.ledger import PRICE_FIELDS, USAGE_SCHEMA
from schemas.outcomes import RejectReason, State


class Stamp(NamedTuple):
    """What all rows of one commit have in common."""

    leg_partition: int
    rated_at: datetime
    book_hash: str
    author: str | None = None
    note: str | None = None


class Bookkeeping(NamedTuple):
    """One value for each record: what is decided apart from its price."""

    state: pa.Array
    """DUPLICATE, PENDING, MERGED, or REJECTED for a key conflict; null where rating decides."""
    duplicate_of: pa.Array
    version: pa.Array
    replaces: pa.Array

    @classmethod
    def of(cls, judgement: Judgement, rows: Sequence[Row] = ()) -> "Bookkeeping":
        """Records in hand, then the replacements. Records that arrive have version 0 and replace nothing.

        Records that are corrected have `rows` already, and take their place.
        """
        replaced = judgement.replacements
        versions = [row.version + 1 for row in rows] or [0] * len(judgement.states)
        replaces: list[str | None] = [row.row_id for row in rows] or [None] * len(judgement.states)
        return cls(
            pa.array([*judgement.states, *(new.state for new in replaced)], _TEXT),
            pa.array([*judgement.duplicate_of, *(new.merged_into for new in replaced)], _TEXT),
            pa.array([*versions, *(new.row.version + 1 for new in replaced)], pa.int32()),
            pa.array([*replaces, *(new.row.row_id for new in replaced)], _TEXT),
        )


_TEXT = pa.string()
_CONFLICT_DETAIL = (
    "A record with the same cdr_id and other content was received before and stays. Compare the two; if this one is "
    "right, correct the other by hand."
)


def with_records(
    cdrs: pa.RecordBatch, judgement: Judgement, rows: Sequence[Row] = ()
) -> tuple[pa.RecordBatch, Bookkeeping]:
    """The records that become rows: those in hand, as their legs make them, then those of replaced rows.

    `rows` are the rows that the records in hand have already, when they are corrected.
    """
    batches = [cdrs]
    if judgement.carried:
        batches = [_with_carried(cdrs, judgement.carried)]
    if judgement.replacements:
        batches.append(cdrs_to_arrow(new.cdr for new in judgement.replacements))
    return pa.concat_batches(batches) if len(batches) > 1 else batches[0], Bookkeeping.of(judgement, rows)


def _with_carried(cdrs: pa.RecordBatch, carried: Mapping[int, CDR]) -> pa.RecordBatch:
    positions = np.arange(cdrs.num_rows)
    positions[list(carried)] = cdrs.num_rows + np.arange(len(carried))
    return take_rows(pa.concat_batches([cdrs, cdrs_to_arrow(carried.values())]), positions)


def ledger_rows(cdrs: pa.RecordBatch, rated: pa.RecordBatch, kept: Bookkeeping, stamp: Stamp) -> pa.Table:
    """Join records (CDR_SCHEMA), their ratings (rate_batch) and their bookkeeping to rows of USAGE_SCHEMA."""
    apart = pc.is_valid(kept.state)
    state = pc.coalesce(kept.state, rated.column("state"))
    columns = dict(zip(cdrs.schema.names, cdrs.columns, strict=True))
    columns |= dict(zip(rated.schema.names, rated.columns, strict=True))
    columns |= kept._asdict() | _stamped(stamp, cdrs.num_rows)
    if pc.any(apart).as_py():
        columns |= {name: _only_where(pc.invert(apart), columns[name]) for name in PRICE_FIELDS}
        columns |= _rejection(rated, apart, pc.equal(state, State.REJECTED))
        columns["flags"] = pc.if_else(apart, cdrs.column("flags"), rated.column("flags"))
    columns |= {
        "row_id": row_ids(cdrs, kept.version),
        "state": state,
        "day": answer_days(cdrs),
        "raw": _only_where(pc.not_equal(state, State.RATED), cdrs.column("raw")),
    }
    arrays = [pc.cast(columns[field.name], field.type) for field in USAGE_SCHEMA]
    return pa.Table.from_arrays(arrays, schema=USAGE_SCHEMA)


def row_ids(cdrs: pa.RecordBatch, version: pa.Array) -> pa.Array:
    """partition:offset:record_index:version of each record."""
    numbers = (cdrs.column("offset"), cdrs.column("record_index"), version)
    return pc.binary_join_element_wise(cdrs.column("partition"), *(pc.cast(n, _TEXT) for n in numbers), ":")


def _rejection(rated: pa.RecordBatch, apart: pa.Array, rejected: pa.Array) -> dict[str, pa.Array]:
    """Rating's reason where rating decides, the conflict's where bookkeeping rejects, none elsewhere."""
    conflict = pc.and_(apart, rejected)
    found = {"reject_reason": RejectReason.KEY_CONFLICT, "reject_detail": _CONFLICT_DETAIL}
    nothing = pa.scalar(None, _TEXT)
    return {
        name: pc.if_else(conflict, text, pc.if_else(apart, nothing, rated.column(name))) for name, text in found.items()
    }


def _only_where(wanted: pa.Array, column: pa.Array) -> pa.Array:
    return pc.if_else(wanted, column, pa.scalar(None, column.type))


def _stamped(stamp: Stamp, count: int) -> dict[str, pa.Array]:
    return {
        name: pa.repeat(pa.scalar(value, USAGE_SCHEMA.field(name).type), count)
        for name, value in stamp._asdict().items()
    }
