"""Who does not pay: certificates that cover a jurisdiction, levels, kinds of tax, and days.

A certificate applies when the tax's jurisdiction is the named one or lies under it, when level and type match, and when
the tax point is in `[valid_from, valid_until)`. An exempt tax is never left out: its line stays with tax 0, the exempt
amount and the reason.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from rating.tax.terms import Level, TaxType


class ExemptionKind(StrEnum):
    """Why a customer is exempt; the reason on the tax line."""

    RESALE_499 = "RESALE_499"
    RESALE_STATE = "RESALE_STATE"
    GOV_FED = "GOV_FED"
    GOV_STATE = "GOV_STATE"
    GOV_LOCAL = "GOV_LOCAL"
    NONPROFIT = "NONPROFIT"
    LIFELINE = "LIFELINE"
    DIPLOMATIC = "DIPLOMATIC"
    DIRECT_PAY = "DIRECT_PAY"


class Exemption(NamedTuple):
    """One certificate of one customer. `tax_types` None covers all kinds of tax."""

    kind: ExemptionKind
    jurisdiction: str
    levels: frozenset[Level]
    tax_types: frozenset[TaxType] | None
    valid_from: date
    valid_until: date
    certificate: str = ""


def lies_within(jurisdiction: str, area: str) -> bool:
    """US-MN-C053 lies within US-MN and US; US-MN does not lie within US-M."""
    return jurisdiction == area or jurisdiction.startswith(f"{area}-")


def find_exemption(
    exemptions: Iterable[Exemption], tax_type: TaxType, level: Level, jurisdiction: str, tax_point: date
) -> Exemption | None:
    """The first certificate that frees this tax on this day."""
    for exemption in exemptions:
        if (
            lies_within(jurisdiction, exemption.jurisdiction)
            and level in exemption.levels
            and (exemption.tax_types is None or tax_type in exemption.tax_types)
            and exemption.valid_from <= tax_point < exemption.valid_until
        ):
            return exemption
    return None
