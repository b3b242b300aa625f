"""The federal universal service charge on a customer's bill: base, factor, and the cap that rounds it down.

47 USC 254(d); 47 CFR 54.706 (base), 54.708 (de minimis), 54.712 (pass-through). The line may not exceed the interstate
and international part of that bill times the factor, so it is rounded down, once per bill. The factor belongs to a
calendar quarter; the circularity factor is never used here.
"""

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from rating.tax.allocation import Parts
from rating.tax.parameters import DatedValue, RateMissing
from rating.tax.rounding import down
from rating.tax.terms import CallScope


class Seller(NamedTuple):
    """What the tax rules must know of the provider. `nexus`: states where it is registered to collect sales tax."""

    contributor: bool = True
    lire: bool = False
    """Limited international revenue exemption: it contributes on interstate revenue alone (47 CFR 54.706(c))."""
    de_minimis: bool = False
    """Its yearly contribution would be below the limit, so none is due and none may be passed on (47 CFR 54.708)."""
    nexus: frozenset[str] = frozenset()


class FusfCharge(NamedTuple):
    """The line of one bill; `factor` is None where the seller passes nothing on."""

    factor: DatedValue | None
    base: Fraction
    tax_unrounded: Fraction
    tax: Decimal

    @property
    def is_printed(self) -> bool:
        """A line of 0.00 is not shown."""
        return self.tax != 0


def contribution_scopes(seller: Seller) -> frozenset[CallScope]:
    """The parts of revenue that this seller contributes on, and may therefore pass on."""
    if not seller.contributor or seller.de_minimis:
        return frozenset()
    if seller.lire:
        return frozenset({CallScope.INTERSTATE})
    return frozenset({CallScope.INTERSTATE, CallScope.INTERNATIONAL})


def capped(tax_unrounded: Fraction, tax_of_billed: Fraction) -> Decimal:
    """The charge in cents: rounded down from the ledger's amounts and from the printed ones, whichever is smaller."""
    return min(down(tax_unrounded), down(tax_of_billed), key=abs)


def fusf_charge(
    parts: Parts, billed: Parts, seller: Seller, factor: DatedValue | RateMissing
) -> FusfCharge | RateMissing:
    """Pass the contribution on. A factor that is not needed is not missing.

    `parts` are exact ledger amounts of the bill, `billed` the same from the amounts printed on it.
    """
    scopes = contribution_scopes(seller)
    base = parts.within(scopes)
    if isinstance(factor, RateMissing):
        return factor if base else FusfCharge(None, Fraction(), Fraction(), down(Fraction()))
    if not scopes:
        return FusfCharge(None, Fraction(), Fraction(), down(Fraction()))
    rate = Fraction(factor.value)
    return FusfCharge(factor, base, base * rate, capped(base * rate, billed.within(scopes) * rate))
