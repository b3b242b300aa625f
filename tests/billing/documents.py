"""Builders of documents: a test names only what matters to it."""

from datetime import date
from typing import Any

from pipeline.billing.document import (
    BilledCharge,
    BilledPeriod,
    BilledTax,
    BilledTrunk,
    CallDigest,
    Customer,
    InvoiceDocument,
    Seller,
    Totals,
)
from pipeline.billing.schema import DocumentType, LineKind

NOTHING: dict[str, Any] = dict.fromkeys(BilledCharge.model_fields)


def a_charge(line_no: int, kind: LineKind = LineKind.USAGE, **fields: Any) -> BilledCharge:
    """A line of ten minutes to the United Kingdom, 0.12."""
    known = {
        "line_no": line_no, "kind": kind, "service_period": "2026-10", "trunk_id": "t1", "plan_id": "metered",
        "direction": "OUTBOUND", "destination": "United Kingdom", "call_scope": "INTERNATIONAL",
        "rate_per_minute": "0.012", "calls": 1, "call_seconds": 600, "billed_seconds": 600, "amount_exact": "0.12",
        "amount": "0.12",
    }  # fmt: skip
    return BilledCharge(**NOTHING | known | fields)


def a_fee(line_no: int, amount: str = "20.00", **fields: Any) -> BilledCharge:
    """Ten channels for the whole of October."""
    return a_charge(
        line_no, LineKind.CHANNEL_FEE, direction=None, destination=None, rate_per_minute=None, call_scope="BUNDLED",
        calls=0, call_seconds=0, billed_seconds=0, days=31, days_in_period=31, channel_limit=10, unit_price="2",
        effective_from=date(2026, 10, 1), effective_until=date(2026, 11, 1), amount_exact=amount, amount=amount,
        **fields,
    )  # fmt: skip


def a_tax(line_no: int, amount: str = "1.00", **fields: Any) -> BilledTax:
    """Wisconsin sales tax on 20.00."""
    known: dict[str, Any] = {
        "line_no": line_no, "tax_id": "US-WI.SALES", "tax_type": "STATE_SALES", "label": "Wisconsin sales tax",
        "level": "STATE", "jurisdiction_id": "US-WI", "jurisdiction": "Wisconsin", "base": "20", "exempt": "0",
        "exempt_reason": None, "rate": "0.05", "tax_unrounded": amount, "amount": amount,
        "tax_point": date(2026, 11, 1), "compliance_period": "2026-11", "rounding": "AGGREGATE",
        "rule_citation": "Tax 11.66", "rate_citation": "rate file", "mark": "S",
    }  # fmt: skip
    return BilledTax(**known | fields)


def a_document(*lines: BilledCharge | BilledTax, **fields: Any) -> InvoiceDocument:
    """An invoice of these lines, whose totals are their sums."""
    charges = tuple(line for line in lines if isinstance(line, BilledCharge))
    taxes = tuple(line for line in lines if isinstance(line, BilledTax))
    known: dict[str, Any] = {
        "document_type": DocumentType.INVOICE, "number": "TL-000001", "corrects": None, "previous_sha256": "0" * 64,
        "issued_on": date(2026, 11, 1), "due_on": date(2026, 12, 1), "currency": "USD",
        "period": BilledPeriod(
            name="2026-10", first_day=date(2026, 10, 1), end_day=date(2026, 11, 1), time_zone="America/Chicago"
        ),
        "seller": Seller(name="Example Trunk Provider", address_lines=("1 Switch Road",), country="US"),
        "customer": Customer(account_id="a1", name="Acme", address_lines=("2 Main Street", "Madison"), country="US"),
        "trunks": (a_trunk(),), "charges": charges, "taxes": taxes, "totals": totals(charges, taxes),
        "calls": CallDigest(count=1, sha256="1" * 64), "notes": (), "book_hash": "b" * 64, "law_version": "c" * 64,
    }  # fmt: skip
    return InvoiceDocument(**known | fields)


def a_trunk(**fields: Any) -> BilledTrunk:
    """A metered trunk of ten channels."""
    known: dict[str, Any] = {
        "trunk_id": "t1", "name": "Front desk", "trunk_type": "STATIC", "plan_id": "metered", "package": "METERED",
        "location": "NEW_YORK", "service_address": "2 Main Street, Madison, WI", "channel_limit": 10,
        "included_seconds": None, "used_seconds": 0, "overage_seconds": 0, "calls": 1, "amount": "20.12",
    }  # fmt: skip
    return BilledTrunk(**known | fields)


def totals(charges: tuple[BilledCharge, ...], taxes: tuple[BilledTax, ...]) -> Totals:
    """Sums of the lines, in cents."""

    def of(*kinds: LineKind) -> str:
        return cents(sum(_cents(line.amount) for line in charges if line.kind in kinds))

    net = sum(_cents(line.amount) for line in charges)
    tax = sum(_cents(line.amount) for line in taxes)
    return Totals(
        plan_fees=of(LineKind.CHANNEL_FEE), usage=of(LineKind.USAGE), overage=of(LineKind.OVERAGE),
        adjustments=of(LineKind.ADJUSTMENT), net=cents(net), taxes=cents(tax), total=cents(net + tax),
    )  # fmt: skip


def cents(amount: int) -> str:
    """Whole cents as text."""
    return f"{'-' * (amount < 0)}{abs(amount) // 100}.{abs(amount) % 100:02}"


def _cents(text: str) -> int:
    return int(text.replace(".", ""))
