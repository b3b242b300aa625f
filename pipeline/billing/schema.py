"""The Delta table `billing`: everything that closing writes, in one table, so that one commit is one closing.

Its rows are of five parts, and the part is the partition of the table. DOCUMENT is an invoice or credit note with its
JSON; LINE is one of its lines; CALL says that a row of the usage ledger is on a document, or was taken back by it;
ADJUSTMENT is a charge by hand that waits for the next invoice; POSITION says how far the feeds had been read when the
documents up to a number were issued. Rows are only ever appended.
"""

from enum import StrEnum

import pyarrow as pa

from schemas.ledger import MONEY

BILLING_FORMAT = 1

TEXT = pa.string()
CENTS = pa.decimal128(18, 2)
TOTAL = pa.decimal128(38, 9)
EXACT = pa.decimal128(38, 27)
RATE = pa.decimal128(18, 10)


class Part(StrEnum):
    """What a row of the table is."""

    DOCUMENT = "DOCUMENT"
    LINE = "LINE"
    CALL = "CALL"
    ADJUSTMENT = "ADJUSTMENT"
    POSITION = "POSITION"


class DocumentType(StrEnum):
    """An invoice closes a period of an account; a credit or debit note corrects an invoice."""

    INVOICE = "INVOICE"
    CREDIT_NOTE = "CREDIT_NOTE"
    DEBIT_NOTE = "DEBIT_NOTE"


class LineKind(StrEnum):
    """What a line is for. INCLUDED and FREE lines count calls and cost nothing."""

    CHANNEL_FEE = "CHANNEL_FEE"
    USAGE = "USAGE"
    INCLUDED = "INCLUDED"
    FREE = "FREE"
    OVERAGE = "OVERAGE"
    ADJUSTMENT = "ADJUSTMENT"
    TAX = "TAX"


def _field(name: str, type_: pa.DataType, description: str, *, required: bool = False) -> pa.Field:
    return pa.field(name, type_, not required, metadata={"description": description})


_EVERY = [
    _field("part", TEXT, "DOCUMENT, LINE, CALL, ADJUSTMENT or POSITION", required=True),
    _field("document_id", TEXT, "number of the invoice or note; null for an adjustment that waits"),
    _field("account_id", TEXT, "who pays"),
    _field("currency", TEXT, "ISO 4217"),
]
_DOCUMENT = [
    _field("sequence", pa.int64(), "1, 2, 3, ... over all documents, without gaps"),
    _field("document_type", TEXT, "INVOICE, CREDIT_NOTE or DEBIT_NOTE"),
    _field("period", TEXT, "period that the document bills"),
    _field("corrects", TEXT, "the invoice that a note corrects"),
    _field("issued_on", pa.date32(), "date of the document; derived from the period"),
    _field("total", CENTS, "what the document asks for"),
    _field("document", pa.binary(), "the document itself: JSON of docs/invoice.schema.json"),
    _field("sha256", TEXT, "hash of those bytes, which name the hash of the document before"),
]
_LINE = [
    _field("line_no", pa.int32(), "number of the line on its document"),
    _field("kind", TEXT, "CHANNEL_FEE, USAGE, INCLUDED, FREE, OVERAGE, ADJUSTMENT or TAX"),
    _field("service_period", TEXT, "month of the service, which may lie before the document's period"),
    _field("trunk_id", TEXT, "trunk of the line"),
    _field("plan_id", TEXT, "plan of that trunk"),
    _field("address_id", TEXT, "service address that taxes the line"),
    _field("direction", TEXT, "direction of its calls"),
    _field("destination", TEXT, "destination of its calls"),
    _field("destination_country", TEXT, "country of that destination"),
    _field("rate_per_minute", MONEY, "rate of its calls"),
    _field("charge_class", TEXT, "what it is for tax"),
    _field("call_scope", TEXT, "class of its calls; BUNDLED for charges that no call measures"),
    _field("taxing_state", TEXT, "state that may tax its calls"),
    _field("is_at_ppu", pa.bool_(), "whether one end of its calls is the service address"),
    _field("calls", pa.int64(), "number of calls"),
    _field("call_seconds", pa.int64(), "their seconds before increments"),
    _field("billed_seconds", pa.int64(), "their seconds after increments"),
    _field("days", pa.int32(), "days that a plan fee is for"),
    _field("days_in_period", pa.int32(), "days of the whole period"),
    _field("channel_limit", pa.int32(), "channels that a plan fee is for"),
    _field("unit_price", MONEY, "price of a channel for a whole period"),
    _field("effective_from", pa.date32(), "first day of a plan fee"),
    _field("effective_until", pa.date32(), "day after the last day of a plan fee"),
    _field("amount_exact", TOTAL, "sum of the ledger's charges, not rounded"),
    _field("amount", CENTS, "the line, rounded once"),
    _field("text", TEXT, "words on the document"),
    _field("tax_group", TEXT, "charges that are taxed alike; tax lines name them as their shares"),
    _field("tax_id", TEXT, "tax rule"),
    _field("tax_type", TEXT, "kind of tax"),
    _field("level", TEXT, "FED, STATE, COUNTY, CITY or DISTRICT"),
    _field("jurisdiction_id", TEXT, "authority"),
    _field("jurisdiction", TEXT, "its name"),
    _field("base", EXACT, "base of the tax, or number of lines for a fee"),
    _field("exempt", EXACT, "part of the base that a certificate frees"),
    _field("exempt_reason", TEXT, "kind of certificate"),
    _field("rate", RATE, "rate, or fee for each line"),
    _field("tax_unrounded", EXACT, "exact tax"),
    _field("tax_point", pa.date32(), "day whose rates apply"),
    _field("compliance_period", TEXT, "month in which the tax is reported"),
    _field("rounding", TEXT, "how the tax was rounded"),
    _field("rule_citation", TEXT, "document that founds the rule"),
    _field("rate_citation", TEXT, "document that founds the rate"),
    _field("mark", TEXT, "S sourced, M unconfirmed, I illustrative"),
    _field("law_version", TEXT, "hash of the law"),
]
_CALL = [
    _field("row_id", TEXT, "row of the usage ledger"),
    _field("sign", pa.int8(), "1 billed, -1 taken back"),
    _field("overage_seconds", pa.int64(), "seconds of the call beyond the allowance of its trunk"),
    _field("overage_charge", MONEY, "what those seconds cost"),
]
_ADJUSTMENT = [
    _field("adjustment_id", TEXT, "identity of an adjustment; recorded twice it is one"),
    _field("author", TEXT, "who decided it"),
    _field("reason", TEXT, "why"),
]

_POSITION = [
    _field("leg_partition", pa.int32(), "partition of cdr.leg"),
    _field("raw_partition", TEXT, "raw partition or file"),
    _field("raw_offset", pa.int64(), "its last record that the ledger held"),
]

BILLING_SCHEMA = pa.schema([*_EVERY, *_DOCUMENT, *_LINE, *_CALL, *_ADJUSTMENT, *_POSITION])

LINE_FIELDS = tuple(field.name for field in _LINE)
"""Columns of a LINE beside those of every row."""

DOCUMENT_FIELDS = tuple(field.name for field in _DOCUMENT)
