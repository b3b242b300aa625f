"""How much of a charge is interstate and international (FCC 06-94, paragraph 52).

A call counts wholly for its own scope. A bundled charge is split by the seller's allocation: the safe harbour, a
traffic study, or actual shares; the same method for the same revenue all year. What is left is intrastate, so that the
parts sum to the charge exactly.
"""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from rating.tax.terms import CallScope


class AllocationMethod(StrEnum):
    """The three lawful ways to split the revenue of interconnected VoIP."""

    SAFE_HARBOR = "SAFE_HARBOR"
    TRAFFIC_STUDY = "TRAFFIC_STUDY"
    ACTUAL = "ACTUAL"


class Allocation(NamedTuple):
    """Shares of a bundled charge, as fractions of one; the rest is intrastate.

    `indeterminate` is the scope that calls with an unknown end count as: a policy, kept with every result.
    """

    method: AllocationMethod
    interstate: Decimal
    international: Decimal = Decimal(0)
    citation: str = ""
    indeterminate: CallScope = CallScope.INTERSTATE


class Parts(NamedTuple):
    """The exact parts of one or many charges."""

    intrastate: Fraction = Fraction()
    interstate: Fraction = Fraction()
    international: Fraction = Fraction()

    def within(self, scopes: Iterable[CallScope]) -> Fraction:
        """The sum of the parts that a base takes in."""
        return sum((getattr(self, _FIELDS[scope]) for scope in scopes), Fraction())


_FIELDS = {
    CallScope.INTRASTATE: "intrastate",
    CallScope.INTERSTATE: "interstate",
    CallScope.INTERNATIONAL: "international",
}

ALL_SCOPES = frozenset(_FIELDS)


def split(amount: Decimal, scope: CallScope, allocation: Allocation) -> Parts:
    """The parts of one charge: a call wholly in its scope, a bundled charge by the shares."""
    exact = Fraction(amount)
    if scope is CallScope.BUNDLED:
        interstate = exact * Fraction(allocation.interstate)
        international = exact * Fraction(allocation.international)
        return Parts(exact - interstate - international, interstate, international)
    known = allocation.indeterminate if scope is CallScope.INDETERMINATE else scope
    return Parts()._replace(**{_FIELDS[known]: exact})


def sum_parts(parts: Iterable[Parts]) -> Parts:
    """Add up parts, scope by scope."""
    columns = list(parts)
    return Parts(
        sum((part.intrastate for part in columns), Fraction()),
        sum((part.interstate for part in columns), Fraction()),
        sum((part.international for part in columns), Fraction()),
    )
