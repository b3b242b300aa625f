"""The country of a number outside +1, by the data of libphonenumber.

A calling code belongs to one country, or to a large one and a few small ones: +44 to Great Britain, and to Jersey,
Guernsey and the Isle of Man. A number belongs to the large country if it fits its numbering, else to the first small
one that it fits, else to the large one.
"""

import re
from typing import NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

from rating.numbering.dialling import NANP

CODE_DIGITS_MAX = 3
_TYPES = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan",
    "voicemail",
)  # fmt: skip


class SmallCountry(NamedTuple):
    """A country that shares its calling code. Patterns are for all digits of a number, the code included."""

    country: str
    pattern: str
    main_pattern: str
    """Form of the large country's numbers, which are never this country's."""


MAIN_COUNTRY = {code: countries[0] for code, countries in COUNTRY_CODE_TO_REGION_CODE.items() if code != NANP}
"""The country, or 001, of each assigned calling code but 1."""


def _pattern(code: int, country: str) -> str:
    """Form of a country's numbers, as libphonenumber tells the countries of one calling code apart."""
    metadata = PhoneMetadata.metadata_for_region(country)
    if metadata is None:
        raise LookupError(f"libphonenumber lists country {country} under +{code} and has no numbering of it")
    if metadata.leading_digits is not None:
        return f"^{code}(?:{metadata.leading_digits})"
    kinds = (getattr(metadata, kind).national_number_pattern for kind in _TYPES if getattr(metadata, kind) is not None)
    return f"^{code}(?:{'|'.join(pattern for pattern in kinds if pattern)})$"


SMALL_COUNTRIES = {
    code: tuple(
        SmallCountry(country, _pattern(code, country), _pattern(code, countries[0])) for country in countries[1:]
    )
    for code, countries in COUNTRY_CODE_TO_REGION_CODE.items()
    if code != NANP and len(countries) > 1
}
"""The small countries of each shared calling code, in the order that decides."""


def country_of(digits: str) -> str | None:
    """Country of a number in E.164 without plus, outside +1; None if its calling code is not assigned."""
    lengths = range(1, CODE_DIGITS_MAX + 1)
    code = next((code for length in lengths if (code := int(digits[:length])) in MAIN_COUNTRY), None)
    if code is None:
        return None
    for small in SMALL_COUNTRIES.get(code, ()):
        if re.match(small.pattern, digits) and not re.match(small.main_pattern, digits):
            return small.country
    return MAIN_COUNTRY[code]
