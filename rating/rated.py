"""What rating makes of a CDR: a `RatedCall` or a `RejectedCDR`."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import pyarrow as pa

from schemas.cdr import CDR, CDR_SCHEMA
from schemas.ledger import PRICE_SCHEMA, USAGE_SCHEMA
from schemas.outcomes import RejectReason
from schemas.period import Period

PERIOD_ZONE = "UTC"
"""Zone that decides the period of a record whose account is not known."""


RATED_SCHEMA = pa.schema(
    [
        USAGE_SCHEMA.field("state").remove_metadata(),
        USAGE_SCHEMA.field("period").remove_metadata(),
        *(CDR_SCHEMA.field(name) for name in ("reject_reason", "reject_detail", "flags")),
        *(field.remove_metadata() for field in PRICE_SCHEMA),
    ]
)
"""What rating decides of a row of the ledger: state RATED or REJECTED, and the price fields, null where rejected."""

REPEATED = pa.dictionary(pa.int32(), pa.string())
"""Text of few different values: each is kept once, and the rows are numbers."""
_OWN_TEXTS = ("reject_reason", "reject_detail")

BATCH_SCHEMA = pa.schema([
    field.with_type(REPEATED) if field.type == pa.string() and field.name not in _OWN_TEXTS else field
    for field in RATED_SCHEMA
])  # fmt: skip
"""`RATED_SCHEMA` as `rate_batch` gives it."""


class RatedCall(NamedTuple):
    """A priced CDR: the fields after `flags` are the price fields of the ledger, in their order."""

    cdr: CDR
    period: str
    flags: Sequence[str] = ()
    account_id: str | None = None
    trunk_id: str | None = None
    plan_id: str | None = None
    package: str | None = None
    service_address_id: str | None = None
    service_address_version: int | None = None
    charge_kind: str | None = None
    priced_direction: str | None = None
    number_class: str | None = None
    destination_country: str | None = None
    destination_state: str | None = None
    deck_id: str | None = None
    deck_row: str | None = None
    prefix: str | None = None
    destination: str | None = None
    rate_per_minute: Decimal | None = None
    connection_fee: Decimal | None = None
    initial_seconds: int | None = None
    next_seconds: int | None = None
    seconds_rounding: str | None = None
    charge_decimals: int | None = None
    charge_rounding: str | None = None
    call_seconds: int | None = None
    billed_seconds: int | None = None
    charge: Decimal | None = None
    currency: str | None = None
    rule_ids: str | None = None
    call_scope: str | None = None
    origin_country: str | None = None
    origin_state: str | None = None
    termination_country: str | None = None
    termination_state: str | None = None
    taxing_state: str | None = None


class RejectedCDR(NamedTuple):
    """A CDR that cannot be priced: why, in a word of the closed list and in a sentence."""

    cdr: CDR
    period: str
    reason: str
    detail: str | None


class Refusal(NamedTuple):
    """Why one step cannot go on."""

    reason: RejectReason
    detail: str


def call_time(cdr: CDR) -> datetime:
    """The instant that decides which dated facts hold: the answer, else the start, else the receipt."""
    return cdr.answered_at or cdr.started_at or cdr.received_at


def refuse(cdr: CDR, refusal: Refusal, time_zone: str = PERIOD_ZONE) -> RejectedCDR:
    """Reject a record; its period is a month of its account's zone where the account is known."""
    return RejectedCDR(cdr, Period.containing(call_time(cdr), time_zone).name, *refusal)
