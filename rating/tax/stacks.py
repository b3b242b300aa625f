"""Stacks of rates: what state, county, city and districts levy on one address on one day.

A rate table maps jurisdictions to dated rates. In a *complete* table, such as a Streamlined rate file, a local
jurisdiction without a row in force levies nothing that day; a missing state row is `RATE_MISSING`. In any other table
every missing row is. A table says until when it may be used: a later bill needs the next quarter's file.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from rating.tax.jurisdictions import Jurisdiction
from rating.tax.parameters import DatedValue, Parameter, RateMissing
from rating.tax.rounding import round_aggregate, round_each
from rating.tax.terms import LOCAL_LEVELS, Rounding


class RateTable(NamedTuple):
    """Dated rates (or fees) of jurisdictions. `where` names the file or folder that a missing one belongs in."""

    description: str
    where: str
    rates: Mapping[str, Parameter]
    is_complete: bool = False
    usable_until: date | None = None

    def rate_on(self, jurisdiction: Jurisdiction, day: date) -> DatedValue | RateMissing | None:
        """The rate in force; None where the jurisdiction is known to levy nothing."""
        what = f"{self.description} of {jurisdiction.jurisdiction_id}"
        if self.usable_until is not None and day >= self.usable_until:
            return RateMissing(what, day, self.where, f"The table ends before {self.usable_until}")
        parameter = self.rates.get(jurisdiction.jurisdiction_id)
        found = RateMissing(what, day, self.where) if parameter is None else parameter.on(day)
        if isinstance(found, RateMissing) and self.is_complete and jurisdiction.level in LOCAL_LEVELS:
            return None
        return found._replace(what=what, where=self._where(jurisdiction)) if isinstance(found, RateMissing) else found

    def _where(self, jurisdiction: Jurisdiction) -> str:
        """A folder holds one file for each jurisdiction."""
        return f"{self.where}{jurisdiction.jurisdiction_id}.yaml" if self.where.endswith("/") else self.where


class StackRate(NamedTuple):
    """One rate of a stack."""

    jurisdiction: Jurisdiction
    rate: DatedValue


def stack_rates(table: RateTable, jurisdictions: Iterable[Jurisdiction], day: date) -> list[StackRate] | RateMissing:
    """The rates of an address in the order given; the first one missing stops."""
    rates = []
    for jurisdiction in jurisdictions:
        rate = table.rate_on(jurisdiction, day)
        if isinstance(rate, RateMissing):
            return rate
        if rate is not None:
            rates.append(StackRate(jurisdiction, rate))
    return rates


def combined_rate(rates: Iterable[StackRate]) -> Decimal:
    """The sum of the rates of a stack."""
    return sum((row.rate.value for row in rates), Decimal(0))


def round_taxes(unrounded: Sequence[Fraction], rounding: Rounding) -> list[Decimal]:
    """Cents of the taxes of one state: the sum rounded once and handed back, or each rounded alone."""
    return round_aggregate(unrounded) if rounding is Rounding.AGGREGATE else round_each(unrounded)
