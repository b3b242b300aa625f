"""How the digits of a trunk are read: its own dial plan, else the one that its country and number format ask for."""

from functools import lru_cache
from typing import NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from rating.numbering.dialling import NANP
from rating.tax.situs import UNITED_STATES
from schemas.reference import DialPlan, Trunk

NANP_COUNTRIES = frozenset(COUNTRY_CODE_TO_REGION_CODE[NANP])
"""Countries that dial as the United States do: 011 abroad, ten digits at home."""


class DiallingProfile(NamedTuple):
    """The country that short codes belong to, and the dial plan. Hashable."""

    country: str
    plan: DialPlan


def profile_of(trunk: Trunk) -> DiallingProfile:
    """The profile of a trunk (numbering.md C.1)."""
    if trunk.dial_plan is not None:
        return DiallingProfile(trunk.country, trunk.dial_plan)
    return usual_profile(trunk.country, trunk.number_format)


@lru_cache(maxsize=1024)
def usual_profile(country: str, number_format: str = "E164") -> DiallingProfile:
    """Inside +1, or in the US national format: 011, and ten digits. Elsewhere: 00, and bare digits count as E.164.

    The international format may begin with 00 everywhere.
    """
    if number_format != "US_NATIONAL" and country not in NANP_COUNTRIES:
        return DiallingProfile(country, DialPlan(international_prefixes=("00",), accept_bare_e164=True))
    prefixes = ("011", "00") if number_format == "INTERNATIONAL" else ("011",)
    home = country if country in NANP_COUNTRIES else UNITED_STATES
    return DiallingProfile(country, DialPlan(default_country=home, international_prefixes=prefixes))
