"""Adjustments by hand: a charge or a credit that a person decided, with author and reason, on the next invoice."""

from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.billing.errors import BadAdjustment, UnknownAccount
from pipeline.billing.lines import CENT
from pipeline.billing.schema import BILLING_SCHEMA, Part
from pipeline.billing.snapshot import Snapshot
from pipeline.billing.table import BillingTable
from pipeline.ledger.table import UsageLedger
from pipeline.registry.book_source import current_book
from pipeline.settings import Settings
from rating.book import RateBook
from rating.tax.terms import CallScope, ChargeClass

_ID_LENGTH = 16
_ALL = "SELECT * FROM billing_adjustments ORDER BY account_id, adjustment_id"


class Adjustment(NamedTuple):
    """What a person decided. With a class it is taxed like such a charge at the trunk's service address."""

    account_id: str
    amount: Decimal
    text: str
    author: str
    reason: str
    charge_class: ChargeClass | None = None
    trunk_id: str | None = None

    @property
    def adjustment_id(self) -> str:
        """One decision has one identity: recorded twice, it is billed once."""
        return sha256(repr(tuple(self)).encode()).hexdigest()[:_ID_LENGTH]


def record(settings: Settings, adjustment: Adjustment) -> bool:
    """Keep an adjustment for the next invoice; False where it was recorded before.

    Raises UnknownAccount or BadAdjustment, and LedgerError.
    """
    book = current_book(settings)
    row = _row(adjustment, book)
    billing = BillingTable.open(settings.ledger_url, settings.storage_options)
    known = {found["adjustment_id"] for found in _recorded(settings, billing)}
    if adjustment.adjustment_id in known:
        return False
    billing.append(pa.Table.from_pylist([row], schema=BILLING_SCHEMA))
    return True


def _recorded(settings: Settings, billing: BillingTable) -> Iterator[Any]:
    ledger = UsageLedger.open(settings.ledger_url, settings.storage_options)
    return Snapshot(ledger, billing).select(_ALL)


def _row(adjustment: Adjustment, book: RateBook) -> dict[str, Any]:
    if adjustment.account_id not in book.accounts:
        raise UnknownAccount(adjustment.account_id, sorted(book.accounts))
    if not adjustment.amount or adjustment.amount != adjustment.amount.quantize(CENT):
        raise BadAdjustment(f"{adjustment.amount} is no adjustment. Write whole cents, such as -5.00 for a credit.")
    if not (adjustment.author and adjustment.reason and adjustment.text):
        raise BadAdjustment("An adjustment needs an author, a reason and a text for the invoice.")
    taxed = adjustment.charge_class is not None
    return {
        "part": Part.ADJUSTMENT, "account_id": adjustment.account_id,
        "currency": book.accounts[adjustment.account_id].currency, "adjustment_id": adjustment.adjustment_id,
        "amount": adjustment.amount.quantize(CENT), "text": adjustment.text, "author": adjustment.author,
        "reason": adjustment.reason, "charge_class": adjustment.charge_class, "trunk_id": adjustment.trunk_id,
        "call_scope": CallScope.BUNDLED if taxed else None, "address_id": _address(adjustment, book) if taxed else None,
    }  # fmt: skip


def _address(adjustment: Adjustment, book: RateBook) -> str:
    trunks = {trunk.trunk_id: trunk for trunk in book.trunks.values() if trunk.account_id == adjustment.account_id}
    if adjustment.trunk_id not in trunks:
        known = ", ".join(sorted(trunks)) or "none"
        raise BadAdjustment(
            f"A taxed adjustment needs a trunk of {adjustment.account_id}, which says where it is taxed: found "
            f"{adjustment.trunk_id}, expected one of {known}."
        )
    trunk = trunks[adjustment.trunk_id]
    return trunk.address_id or trunk.trunk_id
