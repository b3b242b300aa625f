"""Tax lines from the answers of other engines: taxes of all charge lines, summed and rounded once for the bill."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from rating.tax.jurisdictions import Jurisdiction
from rating.tax.parameters import DatedValue
from rating.tax.result import BaseShare, TaxLine
from rating.tax.rounding import half_up, to_decimal
from rating.tax.terms import Mark, Rounding, TaxType


class VendorTax(NamedTuple):
    """One tax of one charge line, as another engine computed it. `base` is its taxable measure."""

    line_id: str
    tax_id: str
    label: str
    jurisdiction: Jurisdiction
    base: Decimal
    rate: Decimal
    tax: Decimal
    citation: str


def vendor_lines(taxes: Iterable[VendorTax], tax_point: date) -> tuple[TaxLine, ...]:
    """One line for each tax, jurisdiction and rate, half up to the cent."""
    groups: dict[tuple[str, Jurisdiction, Decimal], list[VendorTax]] = defaultdict(list)
    for tax in taxes:
        groups[tax.tax_id, tax.jurisdiction, tax.rate].append(tax)
    ordered = sorted(groups.items(), key=lambda item: (item[0][1].rank, item[0][0], item[0][2]))
    return tuple(_line(found, tax_point) for _, found in ordered)


def _line(taxes: list[VendorTax], tax_point: date) -> TaxLine:
    first = taxes[0]
    unrounded = sum((Fraction(tax.tax) for tax in taxes), Fraction())
    base = sum((Fraction(tax.base) for tax in taxes), Fraction())
    return TaxLine(
        first.tax_id, first.label, TaxType.OTHER, first.jurisdiction, tax_point, to_decimal(base), Decimal(0), None,
        DatedValue(tax_point, None, first.rate, first.citation), Rounding.PER_JURISDICTION, to_decimal(unrounded),
        half_up(unrounded), first.citation, Mark.SOURCED, tuple(BaseShare(tax.line_id, tax.base) for tax in taxes),
    )  # fmt: skip
