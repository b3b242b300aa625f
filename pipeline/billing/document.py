"""The document that a customer gets, as data: docs/invoice.schema.json is generated from these models.

Amounts are decimal text with two decimals, exact amounts and rates are decimal text, so that no reader turns them into
a binary fraction. Days are ISO dates, half-open where there are two. Fields without a meaning for a document are null.
"""

import json
from datetime import date
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipeline.billing.schema import DocumentType, LineKind

FORMAT: Literal["trunkline.invoice/1"] = "trunkline.invoice/1"

Amount = Annotated[str, Field(pattern=r"^-?[0-9]+\.[0-9]{2}$", description="amount in the document's currency")]
Exact = Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$", description="decimal text, not rounded")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Seller(_Part):
    """Who sends the document."""

    name: str
    address_lines: tuple[str, ...] = ()
    contact_lines: tuple[str, ...] = ()
    payment_lines: tuple[str, ...] = ()
    registration: str = Field("", description="number under which the seller is registered")
    country: str


class Customer(_Part):
    """Who pays."""

    account_id: str
    name: str
    address_lines: tuple[str, ...] = ()
    country: str = Field(description="country of the first service address, else the seller's")


class BilledPeriod(_Part):
    """The month that is billed: days `[first_day, end_day)` in the account's zone."""

    name: str
    first_day: date
    end_day: date
    time_zone: str


class BilledTrunk(_Part):
    """A trunk in service during the month, and what it used."""

    trunk_id: str
    name: str
    trunk_type: str
    plan_id: str
    package: str
    location: str
    service_address: str
    channel_limit: int = Field(description="highest channel limit of the month")
    included_seconds: int | None = Field(description="allowance of an UNLIMITED plan, else null")
    used_seconds: int = Field(description="call seconds that count against the allowance")
    overage_seconds: int = Field(description="call seconds beyond it")
    calls: int
    amount: Amount


class BilledCharge(_Part):
    """One charge line. `amount` is rounded once; the document is the sum of its amounts."""

    line_no: int
    kind: LineKind
    service_period: str
    trunk_id: str | None
    plan_id: str | None
    direction: str | None
    destination: str | None
    destination_country: str | None
    rate_per_minute: Exact | None
    call_scope: str | None
    taxing_state: str | None
    calls: int
    call_seconds: int
    billed_seconds: int
    days: int | None
    days_in_period: int | None
    channel_limit: int | None
    unit_price: Exact | None
    effective_from: date | None
    effective_until: date | None
    amount_exact: Exact
    amount: Amount
    text: str | None
    tax_group: str | None
    adjustment_id: str | None
    author: str | None
    reason: str | None


class BilledTax(_Part):
    """One tax of one jurisdiction. `base` counts lines where the tax is a fee for each line."""

    line_no: int
    tax_id: str
    tax_type: str
    label: str
    level: str
    jurisdiction_id: str
    jurisdiction: str
    base: Exact
    exempt: Exact
    exempt_reason: str | None
    rate: Exact | None
    tax_unrounded: Exact
    amount: Amount
    tax_point: date
    compliance_period: str
    rounding: str
    rule_citation: str
    rate_citation: str | None
    mark: Literal["S", "M", "I"] = Field(description="rate is sourced, unconfirmed, or illustrative")


class Totals(_Part):
    """Sums of the lines above."""

    plan_fees: Amount
    usage: Amount
    overage: Amount
    adjustments: Amount
    net: Amount
    taxes: Amount
    total: Amount


class CallDigest(_Part):
    """The calls of the document: how many, and the SHA-256 of the CSV file that lists them."""

    count: int
    sha256: str


class InvoiceDocument(_Part):
    """An invoice, or a note that corrects one."""

    format: Literal["trunkline.invoice/1"] = FORMAT
    document_type: DocumentType
    number: str
    corrects: str | None = Field(description="number of the invoice that a note corrects")
    previous_sha256: str = Field(description="hash of the document before this one; 64 zeros for the first")
    issued_on: date
    due_on: date
    currency: str
    period: BilledPeriod
    seller: Seller
    customer: Customer
    trunks: tuple[BilledTrunk, ...]
    charges: tuple[BilledCharge, ...]
    taxes: tuple[BilledTax, ...]
    totals: Totals
    calls: CallDigest
    notes: tuple[str, ...]
    book_hash: str
    law_version: str | None

    def to_bytes(self) -> bytes:
        """The one spelling of the document: its hash is `document_hash` of it."""
        return self.model_dump_json(indent=1).encode() + b"\n"


NO_DOCUMENT = "0" * 64
"""Hash before the first document."""


def document_hash(document: bytes) -> str:
    """SHA-256 of a document's bytes. It covers all documents before, because each names the hash of the one before."""
    return sha256(document).hexdigest()


def schema_text() -> str:
    """The published JSON Schema of documents, docs/invoice.schema.json."""
    schema = InvoiceDocument.model_json_schema() | {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def read_document(document: bytes) -> InvoiceDocument:
    """Read a document back."""
    return InvoiceDocument.model_validate_json(document)
