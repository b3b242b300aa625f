"""Jurisdictions: one name for each authority that may levy a tax, and the names that rate files give it.

`US`, `US-MN` (state), `US-MN-C053` (county, FIPS), `US-MN-P43000` (city or other place, FIPS), `US-MN-D80008` (special
district). A name begins with the name of the area around it. Types 10 to 79 of the Streamlined files that are not
special districts keep their type: `US-KS-T6100001`.
"""

from typing import NamedTuple

from rating.tax.terms import Level

FEDERAL = "US"

STATE_TYPE = "45"
COUNTY_TYPE = "00"
PLACE_TYPES = frozenset({"01", "02", "03", "04", "05", "09"})
DISTRICT_TYPE = "63"

STATE_FIPS = {
    "01": "AL", "02": "AK", "04": "AZ", "05": "AR", "06": "CA", "08": "CO", "09": "CT", "10": "DE", "11": "DC",
    "12": "FL", "13": "GA", "15": "HI", "16": "ID", "17": "IL", "18": "IN", "19": "IA", "20": "KS", "21": "KY",
    "22": "LA", "23": "ME", "24": "MD", "25": "MA", "26": "MI", "27": "MN", "28": "MS", "29": "MO", "30": "MT",
    "31": "NE", "32": "NV", "33": "NH", "34": "NJ", "35": "NM", "36": "NY", "37": "NC", "38": "ND", "39": "OH",
    "40": "OK", "41": "OR", "42": "PA", "44": "RI", "45": "SC", "46": "SD", "47": "TN", "48": "TX", "49": "UT",
    "50": "VT", "51": "VA", "53": "WA", "54": "WV", "55": "WI", "56": "WY", "60": "AS", "66": "GU", "69": "MP",
    "72": "PR", "78": "VI",
}  # fmt: skip
"""Numeric state codes of FIPS 5-2, which rate, boundary and county files use."""


class Jurisdiction(NamedTuple):
    """An authority. `name` is for people; it never decides anything."""

    jurisdiction_id: str
    level: Level
    name: str = ""

    @property
    def rank(self) -> tuple[int, str]:
        """Order of computation and of ties: federal, state, county, city, district, then code."""
        return list(Level).index(self.level), self.jurisdiction_id


UNITED_STATES = Jurisdiction(FEDERAL, Level.FED, "United States")


def state_jurisdiction(state: str) -> Jurisdiction:
    """The jurisdiction of a state by its two letters."""
    return Jurisdiction(f"{FEDERAL}-{state}", Level.STATE)


def sst_jurisdiction(state: str, sst_type: str, code: str) -> Jurisdiction:
    """The jurisdiction that a Streamlined rate or boundary file calls (type, code)."""
    area = f"{FEDERAL}-{state}"
    if sst_type == STATE_TYPE:
        return state_jurisdiction(state)
    if sst_type == COUNTY_TYPE:
        return Jurisdiction(f"{area}-C{code}", Level.COUNTY)
    if sst_type in PLACE_TYPES:
        return Jurisdiction(f"{area}-P{code}", Level.CITY)
    if sst_type == DISTRICT_TYPE:
        return Jurisdiction(f"{area}-D{code}", Level.DISTRICT)
    return Jurisdiction(f"{area}-T{sst_type}{code}", Level.DISTRICT)


def level_of(jurisdiction_id: str) -> Level:
    """The level that a name stands for. ValueError for what is no jurisdiction."""
    head, *area = jurisdiction_id.split("-")
    if head != FEDERAL or len(area) > len(("state", "place")):
        raise ValueError(
            f"{jurisdiction_id!r} is no jurisdiction. Write US, US-MN, US-MN-C053, US-MN-P43000 or the like"
        )
    if len(area) < len(("state", "place")):
        return Level.STATE if area else Level.FED
    levels = {"C": Level.COUNTY, "P": Level.CITY, "D": Level.DISTRICT, "T": Level.DISTRICT}
    if area[1][:1] not in levels:
        raise ValueError(f"{jurisdiction_id!r} ends in no county (C), place (P) or district (D, T)")
    return levels[area[1][0]]
