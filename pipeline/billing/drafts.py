"""The invoice of one account before it has a number: plan fees, calls, overage, adjustments, tax."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from pipeline.billing.document import CallDigest
from pipeline.billing.earlier import EarlierLines, add
from pipeline.billing.fees import channel_fees
from pipeline.billing.invoice import Draft
from pipeline.billing.lines import Balances, Line, difference, lines_of
from pipeline.billing.months import Month
from pipeline.billing.parked import Parked, ParkReason, parked_by_tax
from pipeline.billing.schema import DocumentType, LineKind
from pipeline.billing.taxes import Bill, grouped, tax_document, tax_lines
from pipeline.tax.provider import Provider
from rating.tax.result import TaxStop


class Found(NamedTuple):
    """What the snapshot holds for one account that no document has."""

    usage: Balances
    overage: Balances
    """OVERAGE lines of the touched months as they are now."""
    calls: CallDigest
    adjustments: tuple[Mapping[str, Any], ...]
    currencies: frozenset[str]


def bill_date(month: Month) -> date:
    """The date of an invoice: the first day after its month. No clock is read: closing again gives the same bytes."""
    return month.end_day


def invoice_draft(month: Month, found: Found, earlier: EarlierLines, provider: Provider) -> Draft | Parked | None:
    """The invoice of a month; None where there is nothing to bill and no trunk in service."""
    account = month.account
    if strange := found.currencies - {account.currency}:
        return _strange_currency(account.account_id, account.currency, strange)
    charges = _charges(month, found, earlier)
    if not charges and not month.trunks():
        return None
    charges = grouped(charges, provider.seller.indeterminate)
    bill = Bill(f"{account.account_id} {month.period.name}", month, bill_date(month), provider)
    result = tax_document(bill, charges)
    if isinstance(result, TaxStop):
        return parked_by_tax(account.account_id, result)
    taxes = () if result is None else tuple(tax_lines(result, month.period.name, len(charges) + 1))
    return Draft(
        DocumentType.INVOICE, month, bill.bill_date, tuple(charges), taxes, found.calls, tax_result=result
    )  # fmt: skip


def _charges(month: Month, found: Found, earlier: EarlierLines) -> list[Line]:
    changes = dict(found.usage)
    add(changes, overage_change(found.overage, earlier.whole))
    changes = {key: change for key, change in changes.items() if not change.is_nothing}
    fees = [line._replace(line_no=line_no) for line_no, line in enumerate(channel_fees(month), 1)]
    calls = lines_of(changes, earlier.whole, len(fees) + 1)
    by_hand = [
        adjustment_line(row, month.period.name, line_no)
        for line_no, row in enumerate(found.adjustments, len(fees) + len(calls) + 1)
    ]
    return [*fees, *calls, *by_hand]


def overage_change(now: Balances, whole: Balances) -> Balances:
    """What the overage of the touched months adds to earlier documents, or takes back."""
    return difference(now, {key: sums for key, sums in whole.items() if key.kind == LineKind.OVERAGE})


def adjustment_line(row: Mapping[str, Any], period: str, line_no: int) -> Line:
    """A charge by hand. Without a tax class it is outside every tax."""
    return Line(
        line_no, LineKind.ADJUSTMENT, period, trunk_id=row["trunk_id"], address_id=row["address_id"],
        charge_class=row["charge_class"], call_scope=row["call_scope"], amount_exact=row["amount"],
        amount=row["amount"], text=row["text"], adjustment_id=row["adjustment_id"], author=row["author"],
        reason=row["reason"],
    )  # fmt: skip


def _strange_currency(account_id: str, currency: str, found: Iterable[str]) -> Parked:
    listed = ", ".join(sorted(found))
    return Parked(
        account_id,
        ParkReason.CURRENCY,
        f"Calls are priced in {listed}, the account pays in {currency}. Give its trunks plans in {currency} and rate "
        "the calls again.",
    )
