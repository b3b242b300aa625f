"""Who a record is: hashes of its key, its content, its call and its leg, for a whole batch at once.

DuckDB does the hashing (64 bits a hash, 4 million records a second). Hashes live in memory only, so they may change
with its version.
"""

from importlib import resources

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from schemas.outcomes import RejectReason

PARSE_FAILURES = (
    RejectReason.TOO_LONG,
    RejectReason.BAD_QUOTE,
    RejectReason.TRUNCATED,
    RejectReason.UNKNOWN_LAYOUT,
    RejectReason.BAD_FIELD,
    RejectReason.FILE_TOTALS,
)
"""Rejected before anything in the record could be believed; such a record has no key."""

_UNSOUND = [
    *PARSE_FAILURES,
    RejectReason.NEG_DURATION,
    RejectReason.DURATION_MISMATCH,
    RejectReason.TZ_AMBIGUOUS,
    RejectReason.FUTURE,
    RejectReason.TOO_OLD,
    RejectReason.KEY_CONFLICT,
    RejectReason.NUM_UNPARSED,
    RejectReason.ROLLED_BACK,
]
"""Such a record is neither compared with other reports of its call nor part of a leg."""

IDENTITY_COLUMNS = (
    "cdr_id",
    "raw_sha256",
    "call_group_id",
    "record_type",
    "record_seq",
    "leg_id",
    "source",
    "source_node",
    "is_billed_leg",
    "route_attempt",
    "direction",
    "started_at",
    "answered_at",
    "packets_in",
    "mos_x100",
    "r_factor",
    "reject_reason",
)
"""The CDR fields that identity is made of."""
_AS_THEY_ARE = [
    "cdr_id",
    "call_group_id",
    "record_type",
    "record_seq",
    "leg_id",
    "is_billed_leg",
    "route_attempt",
    "direction",
    "started_at",
]
"""Those of them that are part of it without a change."""

_PAIRED = [
    "group",
    "node",
    "record_type",
    "record_seq",
    "leg_id",
    "is_billed_leg",
    "route_attempt",
    "is_answered",
    "direction",
    "started_at",
]
CALL_COLUMNS = [*_PAIRED, "has_media", "chain", "cdr_id", "day"]
"""What is kept of an identity to compare later records of the same call with it."""
KEY_COLUMNS = ["key_high", "key_low", "content", "day"]
"""What tells whether a record was here before."""
GROUP_COLUMNS = ["group", "call_group_id", "day"]
"""What finds the other records of a call."""
KEPT_COLUMNS = [*KEY_COLUMNS[:3], *CALL_COLUMNS, "sound"]
"""What is remembered of a record."""


class Identifier:
    """Computes identities. Not for two threads at once."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(config={"threads": 1})
        self._identity = _query("identity.sql")
        self._same_call = _query("same_call.sql")

    def identify(self, cdrs: pa.RecordBatch | pa.Table, days: pa.Array) -> pa.Table:
        """One row for each CDR, in their order: the columns of identity.sql, fields as they are, its day."""
        self._connection.register("cdrs", cdrs.select(IDENTITY_COLUMNS))
        found = self._connection.sql(self._identity, params={"unsound": _UNSOUND}).to_arrow_table()
        columns = dict(zip(found.column_names, found.columns, strict=True))
        return pa.table(columns | {name: cdrs.column(name) for name in _AS_THEY_ARE} | {"day": days})

    def same_calls(self, earlier: pa.Table, arrivals: pa.Table) -> list[tuple[int, int]]:
        """Pairs of rows, (later, earlier), that report one leg twice; later is always one of the arrivals.

        Rows are numbered through both tables of identities, the earlier ones first.
        """
        records = pa.concat_tables([earlier.select(_PAIRED), arrivals.select(_PAIRED)])
        positions = pa.array(range(len(records)), pa.int64())
        self._connection.register("records", records.append_column("position", positions))
        return self._connection.execute(self._same_call, {"first_arrival": len(earlier)}).fetchall()


def answer_days(cdrs: pa.RecordBatch | pa.Table) -> pa.Array:
    """The UTC day that files a record: of its answer, else of its start, else of its receipt (date32)."""
    instant = pc.coalesce(cdrs.column("answered_at"), cdrs.column("started_at"), cdrs.column("received_at"))
    return pc.cast(instant, pa.date32())


def identified(identifier: Identifier, cdrs: pa.RecordBatch) -> pa.Table:
    """The identities of records, each filed by its own day."""
    return identifier.identify(cdrs, answer_days(cdrs))


def has_key(cdrs: pa.RecordBatch | pa.Table) -> pa.Array:
    """False for the records that did not parse."""
    return pc.invert(pc.is_in(cdrs.column("reject_reason"), pa.array(PARSE_FAILURES, pa.string())))


def _query(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text()
