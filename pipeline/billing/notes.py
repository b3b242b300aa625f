"""Credit and debit notes: what corrections of the ledger change on an invoice that was issued.

Nothing is updated (PRODUCT.md, Money 1): calls that were replaced are taken back and their replacements billed, and the
note asks for the difference. Its tax is the tax of the corrected invoice less that of the invoice, both under the rates
of the invoice's own date; it is reported in the month of the note (us-tax.md A.5, Credits).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from pipeline.billing.document import CallDigest
from pipeline.billing.drafts import overage_change
from pipeline.billing.earlier import EarlierLines, add
from pipeline.billing.invoice import Draft
from pipeline.billing.lines import (
    NO_CENTS,
    Balances,
    Line,
    difference,
    exact_sum,
    lines_of,
    sum_cents,
    sums_of,
)
from pipeline.billing.months import Month
from pipeline.billing.parked import Parked, ParkReason, parked_by_tax
from pipeline.billing.schema import DocumentType, LineKind
from pipeline.billing.taxes import Bill, grouped, tax_document, tax_lines
from pipeline.tax.provider import Provider
from rating.tax.credits import reverse
from rating.tax.law import TaxLaw
from rating.tax.result import TaxLine, TaxResult, TaxStop, compliance_period


class Correction(NamedTuple):
    """An invoice that was issued, and what the ledger says of its calls now."""

    root: str
    month: Month
    invoiced_on: date
    standing: Balances
    standing_overage: Balances
    """Overage of all months that the correction touches."""
    calls: CallDigest


def note_draft(correction: Correction, earlier: EarlierLines, provider: Provider, noted_on: date) -> Draft | Parked:
    """The note of one corrected invoice. `earlier` learns of it, so that the next document continues from there."""
    lines = grouped(_changed_lines(correction, earlier), provider.seller.indeterminate)
    taxes = _changed_taxes(correction, earlier, lines, provider, noted_on)
    if isinstance(taxes, Parked):
        return taxes
    add(earlier.whole, {line.key: sums_of(line._asdict()) for line in lines})
    total = sum_cents(line.amount for line in (*lines, *taxes))
    kind = DocumentType.DEBIT_NOTE if total > 0 else DocumentType.CREDIT_NOTE
    return Draft(
        kind, correction.month, noted_on, tuple(lines), tuple(taxes), correction.calls, corrects=correction.root
    )  # fmt: skip


def _changed_lines(correction: Correction, earlier: EarlierLines) -> list[Line]:
    before = {key: sums for key, sums in earlier.of_calls(correction.root).items() if key.kind != LineKind.OVERAGE}
    months = {key.service_period for key in before}
    overage = {key: sums for key, sums in correction.standing_overage.items() if key.service_period in months}
    billed = {key: sums for key, sums in earlier.whole.items() if key.service_period in months}
    changes = difference(correction.standing, before) | overage_change(overage, billed)
    return lines_of(changes, earlier.whole, 1)


def _changed_taxes(
    correction: Correction, earlier: EarlierLines, lines: Sequence[Line], provider: Provider, noted_on: date
) -> list[Line] | Parked:
    """Tax of the invoice with its notes and these lines, less tax of the invoice with its notes."""
    account_id = correction.month.account.account_id
    bill = Bill(correction.root, correction.month, correction.invoiced_on, provider, counts_channels=False)
    issued = earlier.by_root[correction.root]
    charges = [line for line in issued if line.kind != LineKind.TAX]
    before, after = tax_document(bill, charges), tax_document(bill, [*charges, *lines])
    if isinstance(before, TaxStop):
        return parked_by_tax(account_id, before)
    if isinstance(after, TaxStop):
        return parked_by_tax(account_id, after)
    if not _is_as_issued(before, issued, provider.law):
        return _tax_changed(account_id, correction.root)
    net = _net(before, after, noted_on)
    return [] if net is None else list(tax_lines(net, correction.month.period.name, len(lines) + 1))


def _is_as_issued(result: TaxResult | None, issued: Sequence[Line], law: TaxLaw) -> bool:
    """Whether the rates of the invoice's date still give what the invoice and its notes asked for, fees apart."""
    fees = {tax.tax_id for tax in law.taxes if tax.line_count is not None}
    asked: dict[tuple[str, str], Decimal] = {}
    for line in issued:
        if line.tax_id is not None and line.jurisdiction_id is not None and line.tax_id not in fees:
            place = (line.tax_id, line.jurisdiction_id)
            asked[place] = asked.get(place, NO_CENTS) + line.amount
    lines = () if result is None else result.lines
    found = {(line.tax_id, line.jurisdiction.jurisdiction_id): line.amount for line in lines}
    return _nonzero(asked) == _nonzero(found)


def _nonzero(amounts: Mapping[tuple[str, str], Decimal]) -> dict[tuple[str, str], Decimal]:
    return {place: amount for place, amount in amounts.items() if amount}


def _tax_changed(account_id: str, root: str) -> Parked:
    return Parked(
        account_id,
        ParkReason.TAX_CHANGED,
        f"The tax data no longer gives the taxes of {root} for its own date, so a note cannot have the original rates. "
        "Put back the parameters, certificates and resolutions that it was issued with, as dated values.",
    )


def _net(before: TaxResult | None, after: TaxResult | None, noted_on: date) -> TaxResult | None:
    """The reversal and the replacement together, tax by tax, reported in the month of the note."""
    some = after or before
    if some is None:
        return None
    reversal = () if before is None else reverse(before, noted_on).lines
    merged: dict[tuple[object, ...], TaxLine] = {}
    for line in (*reversal, *(() if after is None else after.lines)):
        place = (*line.jurisdiction.rank, line.tax_id, line.tax_point)
        merged[place] = _together(merged[place], line) if place in merged else line
    kept = sorted(place for place, line in merged.items() if line.amount)
    return some._replace(
        lines=tuple(merged[place] for place in kept), compliance_period=compliance_period(noted_on)
    )  # fmt: skip


def _together(reversal: TaxLine, replacement: TaxLine) -> TaxLine:
    return replacement._replace(
        base=exact_sum(reversal.base, replacement.base),
        exempt=exact_sum(reversal.exempt, replacement.exempt),
        tax_unrounded=exact_sum(reversal.tax_unrounded, replacement.tax_unrounded),
        amount=exact_sum(reversal.amount, replacement.amount),
    )
