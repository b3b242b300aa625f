"""The usage ledger: one row for each received record, whatever became of it.

`USAGE_SCHEMA` is the Arrow schema of the Delta table. Each field carries its description as metadata, and the page
docs/ledger.md is generated from it. Money is DECIMAL(18,9) in the account's currency. A row is never updated: a
correction is a further row with the next `version` of the same record, and `replaces` names the row it takes the
place of. The current ledger is therefore every row that no other row replaces.
"""

import pyarrow as pa

from schemas.cdr import CDR_SCHEMA, INSTANT

LEDGER_FORMAT = 1
"""Version of this schema; a table written with another one is refused when it is opened."""

MONEY = pa.decimal128(18, 9)
TEXT = pa.string()


def _field(name: str, type_: pa.DataType, description: str, *, required: bool = False) -> pa.Field:
    return pa.field(name, type_, not required, metadata={"description": description})


_ROW = [
    _field("row_id", TEXT, "partition:offset:record_index:version; unique in the ledger", required=True),
    _field("version", pa.int32(), "0 for the row written when the record arrived, then 1, 2, ...", required=True),
    _field("replaces", TEXT, "row_id of the row that this row takes the place of"),
    _field("state", TEXT, "RATED, REJECTED, DUPLICATE, PENDING or MERGED", required=True),
    _field("duplicate_of", TEXT, "cdr_id of the record kept, for a DUPLICATE; of the call's STOP, for a MERGED row"),
    _field("leg_partition", pa.int32(), "partition of cdr.leg, which is the writer of this row", required=True),
    _field("day", pa.date32(), "UTC day of the answer, else of the start, else of the receipt", required=True),
    _field("period", TEXT, "month of the answer (else start, receipt) in the account's zone: 2026-10", required=True),
    _field("rated_at", INSTANT, "when this row was written", required=True),
    _field("book_hash", TEXT, "snapshot of the reference data that this row was computed with", required=True),
    _field("author", TEXT, "who corrected the record; null for rows written by a worker"),
    _field("note", TEXT, "why it was corrected"),
]

_PRICE = [
    _field("account_id", TEXT, "who pays"),
    _field("trunk_id", TEXT, "the trunk found for this call, as of its time"),
    _field("plan_id", TEXT, "plan of the trunk"),
    _field("package", TEXT, "METERED or UNLIMITED"),
    _field("service_address_id", TEXT, "service address (PPU) of the trunk"),
    _field("service_address_version", pa.int32(), "version of that address as of the call"),
    _field("charge_kind", TEXT, "METERED, INCLUDED (in an UNLIMITED plan) or FREE"),
    _field("priced_direction", TEXT, "direction that the leg was priced in: the record's, else by the trunk's own DID"),
    _field("number_class", TEXT, "class of the priced number: US_LOWER48_DC, TOLL_FREE, INTERNATIONAL, ..."),
    _field("destination_country", TEXT, "ISO 3166 country of the priced number; 001 for none"),
    _field("destination_state", TEXT, "US state of the priced number"),
    _field("deck_id", TEXT, "rate deck"),
    _field("deck_row", TEXT, "row of that deck"),
    _field("prefix", TEXT, "prefix that matched"),
    _field("destination", TEXT, "name of the destination in the deck"),
    _field("rate_per_minute", MONEY, "rate of that row"),
    _field("connection_fee", MONEY, "fee of that row for an answered call"),
    _field("initial_seconds", pa.int32(), "first increment"),
    _field("next_seconds", pa.int32(), "further increments"),
    _field("seconds_rounding", TEXT, "how milliseconds became seconds: ceil, half_up or floor"),
    _field("charge_decimals", pa.int32(), "decimals that the charge was rounded to, once; negative: tens and more"),
    _field("charge_rounding", TEXT, "how the charge was rounded: half_up, up or down"),
    _field("call_seconds", pa.int64(), "whole seconds before increments"),
    _field("billed_seconds", pa.int64(), "seconds after increments"),
    _field("charge", MONEY, "connection fee + rate per minute x billed seconds / 60"),
    _field("currency", TEXT, "ISO 4217"),
    _field("rule_ids", TEXT, "the rules that decided this row, in order, separated by blanks"),
    _field("call_scope", TEXT, "INTRASTATE, INTERSTATE, INTERNATIONAL or INDETERMINATE"),
    _field("origin_country", TEXT, "country of the origin for tax"),
    _field("origin_state", TEXT, "US state or territory of the origin for tax"),
    _field("termination_country", TEXT, "country of the termination for tax"),
    _field("termination_state", TEXT, "US state or territory of the termination for tax"),
    _field("taxing_state", TEXT, "state where two of origin, termination and service address agree"),
]

_CDR_DOCS = {
    "source": "name of the feed",
    "source_format": "parser that read the record",
    "partition": "raw partition (topic-number), or spool file, that the bytes were read from",
    "offset": "offset in that partition, or line number in that file",
    "received_at": "when the bytes arrived",
    "raw_sha256": "SHA-256 of the record's bytes",
    "raw": "the record's bytes, kept where the record was not rated",
    "cdr_id": "identity of the record: hash of source system, node, native key, type and native sequence",
    "call_group_id": "what joins the legs, parts and attempts of one call",
    "record_type": "START, INTERIM, STOP or ATTEMPT",
    "is_billed_leg": "false for a leg that costs nothing of its own",
    "measured_ms": "release minus answer on one node's clock, milliseconds",
    "reported_ms": "duration as the source printed it, milliseconds",
    "flags": "remarks that did not stop rating",
    "reject_reason": "why the record was not priced",
    "reject_detail": "what was found, what was expected, what to do next",
}


def _documented(field: pa.Field) -> pa.Field:
    text = _CDR_DOCS.get(field.name, f"{field.name.replace('_', ' ')}, as the canonical CDR gives it")
    return field.with_metadata({"description": text})


PRICE_FIELDS = tuple(field.name for field in _PRICE)
"""What rating adds to a CDR; null where the record was not priced."""

ROW_FIELDS = tuple(field.name for field in _ROW)
"""What the ledger adds to a rated CDR."""

PRICE_SCHEMA = pa.schema(_PRICE)

USAGE_SCHEMA = pa.schema([*_ROW, *(_documented(field) for field in CDR_SCHEMA), *_PRICE])
