"""Credits: a reversal of the whole bill and a replacement, both with the original rates.

Nothing is updated (PRODUCT.md, Money 1). So the tax of a partial credit is the difference of two rounded taxes, not the
rounded tax of the difference. Rates are those of the original tax point; the report is that of the month of the credit.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from rating.tax.invoice import tax_invoice
from rating.tax.law import TaxLaw
from rating.tax.request import ChargeLine, TaxRequest
from rating.tax.result import BaseShare, TaxLine, TaxResult, TaxStop, compliance_period


class TaxCredit(NamedTuple):
    """The taxes taken back and the taxes that take their place."""

    reversal: TaxResult
    replacement: TaxResult

    @property
    def net(self) -> Decimal:
        """What the credit changes in all; negative for money given back."""
        return self.reversal.total + self.replacement.total


def reverse(original: TaxResult, credit_date: date) -> TaxResult:
    """The mirror of a result: every base and amount negative, the tax point unchanged."""
    return original._replace(
        lines=tuple(_negative(line) for line in original.lines), compliance_period=compliance_period(credit_date)
    )


def credit_taxes(
    request: TaxRequest, lines: Iterable[ChargeLine], law: TaxLaw, credit_date: date
) -> TaxCredit | TaxStop:
    """Replace the charges of a taxed bill by `lines`, under the law that the bill was computed with."""
    original = tax_invoice(request, law)
    replacement = tax_invoice(request._replace(lines=tuple(lines)), law)
    if isinstance(original, TaxStop):
        return original
    if isinstance(replacement, TaxStop):
        return replacement
    period = compliance_period(credit_date)
    return TaxCredit(reverse(original, credit_date), replacement._replace(compliance_period=period))


def _negative(line: TaxLine) -> TaxLine:
    return line._replace(
        base=_mirror(line.base),
        exempt=_mirror(line.exempt),
        tax_unrounded=_mirror(line.tax_unrounded),
        amount=_mirror(line.amount),
        shares=tuple(BaseShare(share.line_id, _mirror(share.amount)) for share in line.shares),
    )


def _mirror(amount: Decimal) -> Decimal:
    """The exact negative, whatever the ambient decimal context; zero has no sign."""
    return amount.copy_negate() if amount else amount
