"""Short and special codes, which are found before anything else (numbering.md C.1, mediation.md N26)."""

from functools import lru_cache

import phonenumbers

from rating.numbering.dialling import SHORT_MAX
from rating.numbering.kinds import Kind, NumberClass
from rating.numbering.profiles import NANP_COUNTRIES

_NANP_CODES = {
    "911": NumberClass.EMERGENCY,
    "933": NumberClass.EMERGENCY,  # the test number of 911
    "988": NumberClass.CRISIS_988,
    "411": NumberClass.DIRECTORY_ASSISTANCE,
} | dict.fromkeys(("211", "311", "511", "611", "711", "811"), NumberClass.N11)


@lru_cache(maxsize=4096)
def short_code(dialled: str, country: str) -> Kind | None:
    """The kind of a short code as dialled in a country; None for what is none there. Emergency: by libphonenumber."""
    if len(dialled) > SHORT_MAX or not (dialled.isascii() and dialled.isdecimal()):
        return None
    found = _NANP_CODES.get(dialled) if country in NANP_COUNTRIES else None
    if found is None and phonenumbers.is_emergency_number(dialled, country):
        found = NumberClass.EMERGENCY
    return None if found is None else Kind(found, country)
