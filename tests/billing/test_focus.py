"""Rows of FOCUS, column by column, beside the document that they come from."""

import csv
import io
from datetime import date
from typing import Any

import pytest

from pipeline.billing.document import BilledPeriod, InvoiceDocument
from pipeline.billing.documents.focus import COLUMNS, focus_csv
from pipeline.billing.schema import DocumentType, LineKind
from tests.billing.documents import a_charge, a_document, a_fee, a_tax, a_trunk


def rows(document: InvoiceDocument) -> list[dict[str, str]]:
    """The rows by column."""
    return list(csv.DictReader(io.StringIO(focus_csv(document).decode("utf-8"))))


def row(*lines: Any, **fields: Any) -> dict[str, str]:
    """The only row of a document."""
    (found,) = rows(a_document(*lines, **fields))
    return found


EMPTY = {
    "CommitmentDiscountCategory", "CommitmentDiscountId", "CommitmentDiscountName", "CommitmentDiscountStatus",
    "CommitmentDiscountType", "ContractedUnitPrice", "ListUnitPrice", "RegionId", "RegionName", "SkuPriceId",
    "SubAccountId", "SubAccountName", "Tags",
}  # fmt: skip
"""Columns that the specification's own validator (focus-validator 1.0.0) asks for and a telephone bill leaves empty."""


def test_a_line_of_calls_in_every_column() -> None:
    """601 s of calls, billed as 660 s: 10.02 and 11.00 minutes. Chicago is five hours behind UTC until 1 November."""
    found = row(a_charge(1, call_seconds=601, billed_seconds=660, amount="0.13"))
    assert {
        "BilledCost": "0.13",
        "BillingAccountId": "a1",
        "BillingAccountName": "Acme",
        "BillingCurrency": "USD",
        "BillingPeriodStart": "2026-10-01T05:00:00Z",
        "BillingPeriodEnd": "2026-11-01T05:00:00Z",
        "ChargeCategory": "Usage",
        "ChargeClass": "",
        "ChargeDescription": "United Kingdom",
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodStart": "2026-10-01T05:00:00Z",
        "ChargePeriodEnd": "2026-11-01T05:00:00Z",
        "ConsumedQuantity": "10.02",
        "ConsumedUnit": "Minutes",
        "ContractedCost": "0.13",
        "EffectiveCost": "0.13",
        "InvoiceId": "TL-000001",
        "InvoiceIssuerName": "Example Trunk Provider",
        "ListCost": "0.13",
        "PricingCategory": "Standard",
        "PricingQuantity": "11.00",
        "PricingUnit": "Minutes",
        "ProviderName": "Example Trunk Provider",
        "PublisherName": "Example Trunk Provider",
        "ResourceId": "t1",
        "ResourceName": "Front desk",
        "ResourceType": "SIP trunk",
        "ServiceCategory": "Networking",
        "ServiceName": "SIP trunking",
        "SkuId": "metered",
    } == {name: value for name, value in found.items() if name not in EMPTY}
    assert EMPTY == {name for name, value in found.items() if not value} - {"ChargeClass"}
    assert list(COLUMNS) == list(found)


def test_a_fee_is_a_purchase_of_channels() -> None:
    """From 16 October: the days of the fee are its period, and nothing is consumed."""
    fee = a_fee(1).model_copy(update={"effective_from": date(2026, 10, 16), "days": 16})
    found = row(fee)
    assert ("Purchase", "Recurring", "Channels, plan metered") == (
        found["ChargeCategory"], found["ChargeFrequency"], found["ChargeDescription"],
    )  # fmt: skip
    assert ("2026-10-16T05:00:00Z", "2026-11-01T05:00:00Z") == (found["ChargePeriodStart"], found["ChargePeriodEnd"])
    assert ("10", "Channels", "", "") == (
        found["PricingQuantity"], found["PricingUnit"], found["ConsumedQuantity"], found["ConsumedUnit"],
    )  # fmt: skip


def test_an_adjustment_is_one_time_and_has_no_quantity() -> None:
    """Its text is its description, and without a trunk there is no resource."""
    found = row(a_charge(1, LineKind.ADJUSTMENT, text="Setup", trunk_id=None, plan_id=None, amount="-5.00"))
    assert ("Adjustment", "One-Time", "Setup", "-5.00") == (
        found["ChargeCategory"], found["ChargeFrequency"], found["ChargeDescription"], found["BilledCost"],
    )  # fmt: skip
    assert {""} == {found[name] for name in ("ConsumedQuantity", "PricingQuantity", "PricingUnit", "SkuId")}
    assert {""} == {found[name] for name in ("ResourceId", "ResourceName", "ResourceType")}


def test_a_tax_names_its_authority() -> None:
    """It is no resource and has no quantity; its period is that of the bill."""
    found = row(a_tax(1, "1.37"))
    assert ("Tax", "Wisconsin sales tax, Wisconsin", "1.37", "Recurring") == (
        found["ChargeCategory"], found["ChargeDescription"], found["BilledCost"], found["ChargeFrequency"],
    )  # fmt: skip
    assert found["BillingPeriodStart"] == found["ChargePeriodStart"]
    assert {""} == {found[name] for name in ("ResourceId", "SkuId", "PricingQuantity", "ConsumedQuantity")}


@pytest.mark.parametrize("kind", [LineKind.USAGE, LineKind.INCLUDED, LineKind.FREE, LineKind.OVERAGE])
def test_calls_are_usage_whatever_they_cost(kind: LineKind) -> None:
    """Free calls and calls within a plan as well."""
    assert "Usage" == row(a_charge(1, kind, amount="0.00"))["ChargeCategory"]


@pytest.mark.parametrize(
    ("kind", "is_correction"),
    [(DocumentType.INVOICE, ""), (DocumentType.CREDIT_NOTE, "Correction"), (DocumentType.DEBIT_NOTE, "Correction")],
)
def test_rows_of_a_note_are_corrections(kind: DocumentType, is_correction: str) -> None:
    """Of every line and every tax of it."""
    found = rows(a_document(a_charge(1), a_tax(2), document_type=kind))
    assert [is_correction] * 2 == [line["ChargeClass"] for line in found]


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("UTC", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"),
        ("America/New_York", "2026-10-01T04:00:00Z", "2026-11-01T04:00:00Z"),
        ("Europe/Berlin", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"),  # summer time ends on 25 October
        ("Asia/Kolkata", "2026-09-30T18:30:00Z", "2026-10-31T18:30:00Z"),
    ],
)
def test_periods_begin_at_midnight_of_the_account(zone: str, start: str, end: str) -> None:
    """As instants in UTC, across the change of the clocks."""
    period = BilledPeriod(name="2026-10", first_day=date(2026, 10, 1), end_day=date(2026, 11, 1), time_zone=zone)
    for found in rows(a_document(a_fee(1), a_charge(2), a_tax(3), period=period)):
        assert (start, end) == (found["BillingPeriodStart"], found["BillingPeriodEnd"])
        assert (start, end) == (found["ChargePeriodStart"], found["ChargePeriodEnd"])


def test_late_calls_have_their_own_month() -> None:
    """September on the bill of October."""
    found = row(a_charge(1, service_period="2026-09"))
    assert ("2026-09-01T05:00:00Z", "2026-10-01T05:00:00Z") == (found["ChargePeriodStart"], found["ChargePeriodEnd"])
    assert "2026-10-01T05:00:00Z" == found["BillingPeriodStart"]


def test_quantities_have_no_groups() -> None:
    """6,000,000 seconds are 100000.00 minutes, which a program reads as a number."""
    assert "100000.00" == row(a_charge(1, call_seconds=6_000_000))["ConsumedQuantity"]


def test_text_survives_commas_quotes_and_line_ends() -> None:
    """RFC 4180, and letters beyond ASCII."""
    name = 'Müller, "Söhne"\nGmbH'
    assert name == row(a_charge(1), trunks=(a_trunk(name=name),))["ResourceName"]


def test_a_document_without_lines_is_a_heading() -> None:
    """One line of column names."""
    assert ",".join(COLUMNS) + "\n" == focus_csv(a_document()).decode()
