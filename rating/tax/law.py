"""The law as a value: every tax with its base, its rates and its place in the order of computation.

A tax may take an earlier tax into its base (tax on tax), which makes a graph without cycles. Taxes that are rounded
together form a group, and groups are computed in the order of that graph.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple, Self

from rating.tax.allocation import ALL_SCOPES
from rating.tax.exemptions import lies_within
from rating.tax.fees import LineCount
from rating.tax.jurisdictions import Jurisdiction
from rating.tax.stacks import RateTable
from rating.tax.terms import CallScope, ChargeClass, DateBasis, Level, Mark, Rounding, TaxType

SERVICE_CHARGES = frozenset(ChargeClass) - {ChargeClass.SETUP, ChargeClass.EQUIPMENT}


class LawError(ValueError):
    """The rules contradict each other; the message says where."""


class Tax(NamedTuple):
    """One tax or fee as law has it: who levies it, on what base, at which rates, how it is rounded.

    `scopes` and `charge_classes` make the base of a percentage tax, `includes` names earlier taxes that belong to it. A
    tax with a `line_count` is a fee for each line and has no base. `levels` are those of a place that it is levied
    at; where only one of them levies it (`is_one_level`), that is the narrowest: the city, and the county outside of
    cities. A place in a jurisdiction of `except_in` is outside the tax.
    """

    tax_id: str
    label: str
    jurisdiction_id: str
    levels: frozenset[Level]
    tax_type: TaxType
    rates: RateTable
    citation: str
    mark: Mark = Mark.SOURCED
    scopes: frozenset[CallScope] = ALL_SCOPES
    charge_classes: frozenset[ChargeClass] = SERVICE_CHARGES
    includes: tuple[str, ...] = ()
    rounding: Rounding = Rounding.PER_JURISDICTION
    date_basis: DateBasis = DateBasis.BILL_DATE
    line_count: LineCount | None = None
    except_in: frozenset[str] = frozenset()
    effective_from: date = date.min
    effective_until: date | None = None
    is_one_level: bool = False

    @property
    def group_id(self) -> str:
        """Taxes with the same one are rounded together."""
        return self.jurisdiction_id if self.rounding is Rounding.AGGREGATE else self.tax_id

    def targets(self, jurisdictions: Sequence[Jurisdiction]) -> list[Jurisdiction]:
        """The jurisdictions of a place in which the tax is levied; none where the place is excepted."""
        if any(jurisdiction.jurisdiction_id in self.except_in for jurisdiction in jurisdictions):
            return []
        found = [
            jurisdiction
            for jurisdiction in jurisdictions
            if jurisdiction.level in self.levels and lies_within(jurisdiction.jurisdiction_id, self.jurisdiction_id)
        ]
        narrowest = max((jurisdiction.rank[0] for jurisdiction in found), default=0)
        return [area for area in found if area.rank[0] == narrowest] if self.is_one_level else found

    def exists_on(self, day: date) -> bool:
        """Half-open: a tax exists from its first day up to, not on, its last."""
        return self.effective_from <= day and (self.effective_until is None or day < self.effective_until)


class TaxLaw(NamedTuple):
    """All taxes, in groups in the order of computation. `covered` are jurisdictions whose rules are known at all."""

    groups: tuple[tuple[Tax, ...], ...]
    covered: frozenset[str]
    version: str
    included: frozenset[str]
    """Taxes that another one takes into its base."""

    @classmethod
    def build(cls, taxes: Iterable[Tax], covered: Iterable[str], version: str) -> Self:
        """Order the taxes. LawError for an unknown or circular inclusion and for a name used twice."""
        by_id: dict[str, Tax] = {}
        for tax in taxes:
            if tax.tax_id in by_id:
                raise LawError(f"Tax {tax.tax_id} is defined twice. Keep one definition.")
            by_id[tax.tax_id] = tax
        included = frozenset(name for tax in by_id.values() for name in tax.includes)
        return cls(_ordered_groups(by_id), frozenset(covered), version, included)

    @property
    def taxes(self) -> tuple[Tax, ...]:
        """All taxes in the order of computation."""
        return tuple(tax for group in self.groups for tax in group)


def _ordered_groups(taxes: dict[str, Tax]) -> tuple[tuple[Tax, ...], ...]:
    groups: dict[str, list[Tax]] = {}
    graph = TopologicalSorter[str]()
    for tax in taxes.values():
        groups.setdefault(tax.group_id, []).append(tax)
        graph.add(tax.group_id, *(_group_of(name, tax, taxes) for name in tax.includes))
    try:
        return tuple(tuple(groups[group_id]) for group_id in graph.static_order())
    except CycleError as cycle:
        circle = " -> ".join(cycle.args[1])
        raise LawError(f"Taxes include each other in a circle: {circle}. Cut one inclusion.") from None


def _group_of(name: str, tax: Tax, taxes: dict[str, Tax]) -> str:
    if name not in taxes:
        known = ", ".join(sorted(taxes))
        raise LawError(f"Tax {tax.tax_id} includes {name}, which is not defined (known: {known}).")
    return taxes[name].group_id
