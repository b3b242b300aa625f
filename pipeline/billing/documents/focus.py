"""The lines of a document as rows of FOCUS, the FinOps Foundation's open cost and usage specification (version 1.0).

It lets a customer load telephony beside cloud bills. Columns that a telephone bill has nothing for are empty.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from pipeline.billing.document import BilledCharge, BilledTax, InvoiceDocument
from pipeline.billing.documents import words
from pipeline.billing.schema import DocumentType, LineKind
from schemas.period import Period

COLUMNS = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd",
    "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodStart", "ChargePeriodEnd",
    "CommitmentDiscountCategory", "CommitmentDiscountId", "CommitmentDiscountName", "CommitmentDiscountStatus",
    "CommitmentDiscountType", "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "ContractedUnitPrice",
    "EffectiveCost", "InvoiceId", "InvoiceIssuerName", "ListCost", "ListUnitPrice", "PricingCategory",
    "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "RegionId", "RegionName", "ResourceId",
    "ResourceName", "ResourceType", "ServiceCategory", "ServiceName", "SkuId", "SkuPriceId", "SubAccountId",
    "SubAccountName", "Tags",
)  # fmt: skip
_CATEGORIES = {LineKind.CHANNEL_FEE: "Purchase", LineKind.ADJUSTMENT: "Adjustment"}
_FREQUENCIES = {LineKind.CHANNEL_FEE: "Recurring", LineKind.ADJUSTMENT: "One-Time"}


def focus_csv(document: InvoiceDocument) -> bytes:
    """Rows of FOCUS with a heading, UTF-8."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    common = _common(document)
    names = {trunk.trunk_id: trunk.name for trunk in document.trunks}
    writer.writerows(common | row for row in _charges(document, names))
    writer.writerows(common | _tax(document, tax) for tax in document.taxes)
    return out.getvalue().encode()


def _common(document: InvoiceDocument) -> dict[str, str]:
    period = Period.month(document.period.name, document.period.time_zone)
    is_correction = document.document_type is not DocumentType.INVOICE
    return {
        "BillingAccountId": document.customer.account_id,
        "BillingAccountName": document.customer.name,
        "BillingCurrency": document.currency,
        "BillingPeriodStart": _instant(period.start),
        "BillingPeriodEnd": _instant(period.end),
        "ChargeClass": "Correction" if is_correction else "",
        "InvoiceId": document.number,
        "InvoiceIssuerName": document.seller.name,
        "ProviderName": document.seller.name,
        "PublisherName": document.seller.name,
        "ServiceCategory": "Networking",
        "ServiceName": "SIP trunking",
    }


def _charges(document: InvoiceDocument, names: dict[str, str]) -> Iterator[dict[str, str]]:
    for line in document.charges:
        start, end = _charge_period(document, line)
        yield (
            _costs(line.amount)
            | _quantities(line)
            | {
                "ChargeCategory": _CATEGORIES.get(line.kind, "Usage"),
                "ChargeDescription": words.charge_name(line),
                "ChargeFrequency": _FREQUENCIES.get(line.kind, "Usage-Based"),
                "ChargePeriodStart": start,
                "ChargePeriodEnd": end,
                "PricingCategory": "" if line.kind is LineKind.ADJUSTMENT else "Standard",
                "ResourceId": line.trunk_id or "",
                "ResourceName": names.get(line.trunk_id or "", ""),
                "ResourceType": "SIP trunk" if line.trunk_id else "",
                "SkuId": line.plan_id or "",
            }
        )


def _tax(document: InvoiceDocument, tax: BilledTax) -> dict[str, str]:
    period = Period.month(document.period.name, document.period.time_zone)
    return _costs(tax.amount) | {
        "ChargeCategory": "Tax",
        "ChargeDescription": f"{tax.label}, {tax.jurisdiction}",
        "ChargeFrequency": "Recurring",
        "ChargePeriodStart": _instant(period.start),
        "ChargePeriodEnd": _instant(period.end),
    }


def _costs(amount: str) -> dict[str, str]:
    """A telephone bill has one price: listed, contracted, effective and billed cost are equal."""
    return dict.fromkeys(("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"), amount)


def _quantities(line: BilledCharge) -> dict[str, str]:
    if line.kind is LineKind.CHANNEL_FEE:
        return {"PricingQuantity": str(line.channel_limit), "PricingUnit": "Channels"}
    if line.kind is LineKind.ADJUSTMENT:
        return {}
    return {
        "ConsumedQuantity": words.minutes(line.call_seconds).replace(",", ""), "ConsumedUnit": "Minutes",
        "PricingQuantity": words.minutes(line.billed_seconds).replace(",", ""), "PricingUnit": "Minutes",
    }  # fmt: skip


def _charge_period(document: InvoiceDocument, line: BilledCharge) -> tuple[str, str]:
    """The days of a fee, else the month of service."""
    zone = document.period.time_zone
    if line.effective_from is not None and line.effective_until is not None:
        return _instant(_midnight(line.effective_from, zone)), _instant(_midnight(line.effective_until, zone))
    period = Period.month(line.service_period, zone)
    return _instant(period.start), _instant(period.end)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))


def _instant(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"
