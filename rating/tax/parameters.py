"""Dated, cited numbers of the law, and the value that stands for a number nobody knows.

A parameter has half-open periods that do not overlap; between and after them it is unknown. Nothing is extrapolated
(PRODUCT.md, Tax 3): a day without a value gives `RateMissing`, which stops the invoice that needs the number.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from rating.tax.terms import DateBasis, Mark


class DatedValue(NamedTuple):
    """A number in force over `[effective_from, effective_until)`, with the document that says so."""

    effective_from: date
    effective_until: date | None
    value: Decimal
    citation: str
    mark: Mark = Mark.SOURCED

    def contains(self, day: date) -> bool:
        """Half-open: in force on its first day, out of force on the last."""
        return self.effective_from <= day and (self.effective_until is None or day < self.effective_until)


class StopReason(StrEnum):
    """Why an invoice cannot be taxed and therefore does not go out."""

    RATE_MISSING = "RATE_MISSING"
    JURISDICTION_AMBIGUOUS = "JURISDICTION_AMBIGUOUS"
    ENGINE_REFUSED = "ENGINE_REFUSED"


class RateMissing(NamedTuple):
    """A number that is needed and not known: which one, for which day, and where to put it."""

    what: str
    on: date
    where: str
    known: str = "No value is known"
    reason: StopReason = StopReason.RATE_MISSING

    @property
    def message(self) -> str:
        """One sentence for the person who can supply the number."""
        missing = f"{self.reason}: {self.what} on {self.on}. {self.known}"
        return f"{missing}. Add it with its source to {self.where} of the tax folder."


class Parameter(NamedTuple):
    """One number of the law over time. `name` is its path below the folder of parameters, without suffix."""

    name: str
    description: str
    unit: str
    values: tuple[DatedValue, ...]

    def on(self, day: date) -> DatedValue | RateMissing:
        """The value in force on a day."""
        for value in self.values:
            if value.contains(day):
                return value
        return RateMissing(self.description, day, f"{self.name}.yaml", self._known())

    def _known(self) -> str:
        if not self.values:
            return "No value is known"
        first, last = self.values[0], self.values[-1]
        end = "open" if last.effective_until is None else f"{last.effective_until} (exclusive)"
        return f"Values are known from {first.effective_from} to {end}"


def tax_point(bill_date: date, service_date: date | None, basis: DateBasis) -> date:
    """The day whose rates apply: the bill date unless the rule says service date (PRODUCT.md, Tax 6)."""
    if basis is DateBasis.SERVICE_DATE and service_date is not None:
        return service_date
    return bill_date
