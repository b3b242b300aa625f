"""Ledger rows from rated records: the record, its price, and the bookkeeping of the row."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.columns import as_mask, take_rows, unknown_column
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
        new = list(enumerate(judgement.replacements, judgement.records))
        count = judgement.records + len(new)
        version = dict(enumerate(row.version + 1 for row in rows)) | {at: to.row.version + 1 for at, to in new}
        replaces = dict(enumerate(row.row_id for row in rows)) | {at: to.row.row_id for at, to in new}
        return cls(
            _sparse(judgement.states | {at: to.state for at, to in new}, count),
            _sparse(judgement.duplicate_of | {at: to.merged_into for at, to in new}, count),
            _sparse(version, count, pa.int32()).fill_null(0),
            _sparse(replaces, count),
        )


_TEXT = pa.string()
_CONFLICT_DETAIL = (
    "A record with the same cdr_id and other content was received before and stays. Compare the two; if this one is "
    "right, correct the other by hand."
)


def _sparse(values: Mapping[int, object], count: int, data_type: pa.DataType = _TEXT) -> pa.Array:
    """A column of nulls with these values at these positions."""
    if not values:
        return unknown_column(data_type, count)
    place, is_known = np.zeros(count, np.int32), np.zeros(count, np.bool_)
    positions = list(values)
    place[positions], is_known[positions] = np.arange(len(values)), True
    return pa.array(list(values.values()), data_type).take(pa.array(place, mask=~is_known))


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
    """The batch with these records in the place of its own; only columns that differ are written again."""
    rows = np.array(list(carried))
    before, after = take_rows(cdrs, rows), cdrs_to_arrow(carried.values())
    place = np.arange(cdrs.num_rows)
    place[rows] = cdrs.num_rows + np.arange(len(rows))
    positions = pa.array(place)
    columns = [
        column if old.equals(new) else pa.concat_arrays([column, new]).take(positions)
        for column, old, new in zip(cdrs.columns, before.columns, after.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=cdrs.schema)


def ledger_rows(cdrs: pa.RecordBatch, rated: pa.RecordBatch, kept: Bookkeeping, stamp: Stamp) -> pa.Table:
    """Join records (CDR_SCHEMA), their ratings (rate_batch) and their bookkeeping to rows of USAGE_SCHEMA.

    Text of which few different values occur comes as dictionaries.
    """
    columns = dict(zip(cdrs.schema.names, cdrs.columns, strict=True))
    columns |= dict(zip(rated.schema.names, rated.columns, strict=True))
    columns |= _stamped(stamp, cdrs.num_rows)
    columns |= {name: getattr(kept, name) for name in ("duplicate_of", "version", "replaces")}
    state = rated.column("state").cast(_TEXT)
    if kept.state.null_count < len(state):
        apart = pc.is_valid(kept.state)
        columns["state"] = state = pc.coalesce(kept.state, state)
        columns |= {name: _only_where(pc.invert(apart), columns[name]) for name in PRICE_FIELDS}
        columns |= _rejection(rated, apart, pc.equal(state, State.REJECTED))
        columns["flags"] = pc.if_else(apart, cdrs.column("flags"), rated.column("flags"))
    columns |= {
        "row_id": row_ids(cdrs, kept.version),
        "day": answer_days(cdrs),
        "raw": _only_where(pc.not_equal(state, State.RATED), cdrs.column("raw")),
    }
    fields = [_field_of(columns[field.name], field) for field in USAGE_SCHEMA]
    return pa.Table.from_arrays([columns[field.name] for field in fields], schema=pa.schema(fields))


def _field_of(column: pa.Array, field: pa.Field) -> pa.Field:
    """The field of the ledger, as a dictionary where the column is one."""
    return field.with_type(column.type) if pa.types.is_dictionary(column.type) else field


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
    """The column with nulls where it is not wanted."""
    if isinstance(column, pa.DictionaryArray):
        return pa.DictionaryArray.from_arrays(_only_where(wanted, column.indices), column.dictionary)
    if pa.types.is_binary(column.type):
        rows = np.arange(len(column))
        return column.take(pa.array(rows, mask=~as_mask(wanted)))
    return pc.if_else(wanted, column, pa.scalar(None, column.type))


def _stamped(stamp: Stamp, count: int) -> dict[str, pa.Array]:
    return {
        name: _repeated(pa.scalar(value, USAGE_SCHEMA.field(name).type), count)
        for name, value in stamp._asdict().items()
    }


def _repeated(value: pa.Scalar, count: int) -> pa.Array:
    """A column of one value; a text is kept once."""
    if not value.is_valid or value.type != _TEXT:
        return pa.repeat(value, count)
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), count), pa.array([value]))
