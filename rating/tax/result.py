"""What tax gives back: tax lines that can be traced to a rule, a number and a document, or the reason to stop."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from rating.tax.allocation import Allocation
from rating.tax.jurisdictions import Jurisdiction
from rating.tax.parameters import DatedValue, RateMissing, StopReason
from rating.tax.rounding import apportion
from rating.tax.terms import Mark, Rounding, TaxType


class BaseShare(NamedTuple):
    """What one charge line adds to the base of a tax."""

    line_id: str
    amount: Decimal


class TaxLine(NamedTuple):
    """One tax of one jurisdiction on one bill. `rate` is the rate of a percentage tax or the fee for each line.

    `base` is an amount, or a number of lines for a fee; the exempt part of it bears no tax. `amount` is in cents,
    rounded once; `tax_unrounded` is exact. `citation` founds the rule, `rate.citation` the number.
    """

    tax_id: str
    label: str
    tax_type: TaxType
    jurisdiction: Jurisdiction
    tax_point: date
    base: Decimal
    exempt: Decimal
    exempt_reason: str | None
    rate: DatedValue | None
    rounding: Rounding
    tax_unrounded: Decimal
    amount: Decimal
    citation: str
    mark: Mark
    shares: tuple[BaseShare, ...] = ()

    @property
    def taxable(self) -> Decimal:
        """The part of the base that bears tax: a certificate frees all of it or nothing."""
        return Decimal(0) if self.exempt_reason else self.base

    def by_charge(self) -> dict[str, Decimal]:
        """The cents of this line by the charge line that they stem from: largest remainder, ties by line id."""
        cents = apportion(self.amount, [Fraction(share.amount) for share in self.shares])
        return {share.line_id: amount for share, amount in zip(self.shares, cents, strict=True)}


class Suspended(NamedTuple):
    """A charge line whose state tax waits: the seller is not registered in the state that may tax it."""

    line_id: str
    jurisdiction_id: str


class TaxResult(NamedTuple):
    """The taxes of one bill. Their sum and the charges make the total of the bill."""

    document_id: str
    tax_point: date
    compliance_period: str
    law_version: str
    allocation: Allocation
    """How bundled charges and calls with an unknown end were split."""
    lines: tuple[TaxLine, ...]
    suspended: tuple[Suspended, ...] = ()

    @property
    def total(self) -> Decimal:
        """All taxes and fees of the bill."""
        return sum((line.amount for line in self.lines), Decimal("0.00"))


class JurisdictionAmbiguous(NamedTuple):
    """A service address whose jurisdictions are not known."""

    address_id: str
    where: str
    known: str = ""
    reason: StopReason = StopReason.JURISDICTION_AMBIGUOUS

    @property
    def message(self) -> str:
        """One sentence for the person who can resolve the address."""
        found = f"the jurisdictions of service address {self.address_id} are not known"
        known = f" (known: {self.known})" if self.known else ""
        return f"{self.reason}: {found}{known}. Decide them in {self.where} of the tax folder."


class EngineRefusal(NamedTuple):
    """What another engine says of a request that it cannot tax."""

    engine: str
    code: str
    text: str
    reason: StopReason = StopReason.ENGINE_REFUSED

    @property
    def message(self) -> str:
        """One sentence with the engine's own words."""
        return f"{self.reason}: {self.engine} answered {self.code}: {self.text}. Correct the request and send it again."


class TaxStop(NamedTuple):
    """Why a bill cannot be taxed: everything that is missing, so that one look shows all of it. It does not go out."""

    document_id: str
    problems: tuple[RateMissing | JurisdictionAmbiguous | EngineRefusal, ...]

    @property
    def reasons(self) -> frozenset[StopReason]:
        """The words of the closed list."""
        return frozenset(problem.reason for problem in self.problems)


def compliance_period(day: date) -> str:
    """The month in which a tax is reported: that of the bill or of the credit, not that of the rates."""
    return f"{day:%Y-%m}"
