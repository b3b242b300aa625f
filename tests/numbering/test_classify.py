"""From a dialled text to class, country and state, as of a day."""

from datetime import date

import phonenumbers
import pytest

from rating.numbering.classify import classify
from rating.numbering.countries import MAIN_COUNTRY, SMALL_COUNTRIES, country_of
from rating.numbering.kinds import INVALID, UNKNOWN_NANP, Kind, Number, NumberClass
from rating.numbering.profiles import DiallingProfile
from rating.numbering.short_codes import short_code
from schemas.reference import DialPlan
from tests.numbering.tables import DE, US, area_codes

DAY = date(2026, 10, 1)


def _number(dialled: str | None, profile: DiallingProfile = US, day: date = DAY) -> Number:
    return classify(dialled, profile, day, area_codes())


def test_the_same_digits_on_two_trunks() -> None:
    """Ten digits are Texas on a US trunk and Hungary on a German one (numbering.md C.1)."""
    assert Number("+13614567890", Kind(NumberClass.US_LOWER48_DC, "US", "TX")) == _number("3614567890")
    assert Number("+3614567890", Kind(NumberClass.INTERNATIONAL, "HU")) == _number("3614567890", DE)


def test_canada_and_the_caribbean_are_not_the_united_states() -> None:
    """Both are +1, and no state is theirs."""
    assert Kind(NumberClass.CANADA, "CA") == _number("4165550100").kind
    assert Kind(NumberClass.CARIBBEAN, "JM") == _number("6585550100").kind


def test_an_area_code_that_is_not_in_service_is_unknown() -> None:
    """It keeps its digits for the reject, and never becomes a number of the United States."""
    assert Number("+14655550169", UNKNOWN_NANP) == _number("4655550169", day=date(2026, 6, 17))
    assert Kind(NumberClass.US_LOWER48_DC, "US", "NY") == _number("4655550169", day=date(2026, 6, 18)).kind


def test_special_exchanges_keep_the_place() -> None:
    """555-1212 is directory assistance and 976 is premium, in codes with a place only."""
    assert Kind(NumberClass.DIRECTORY_ASSISTANCE, "US", "NY") == _number("2125551212").kind
    assert Kind(NumberClass.PREMIUM, "CA") == _number("4169761234").kind
    assert Kind(NumberClass.TOLL_FREE, "001") == _number("8005551212").kind
    assert Kind(NumberClass.TOLL_FREE, "001") == _number("8009761234").kind


@pytest.mark.parametrize("dialled", [None, "", "alice", "5550170", "+12120550170", "+2105551234567", "7777", "*60"])
def test_what_is_no_number_is_invalid(dialled: str | None) -> None:
    """It has no E.164 form, no country and no price."""
    assert Number(None, INVALID) == _number(dialled)


def test_short_codes_belong_to_the_country_of_the_trunk() -> None:
    """112 is an emergency number in Germany, 911 is not; 999 is one in Great Britain (mediation.md N26)."""
    assert Kind(NumberClass.EMERGENCY, "US") == _number("911").kind
    assert Kind(NumberClass.EMERGENCY, "US") == _number("933").kind
    assert Kind(NumberClass.EMERGENCY, "DE") == _number("112", DE).kind
    assert INVALID == _number("911", DE).kind
    assert Kind(NumberClass.EMERGENCY, "GB") == short_code("999", "GB")
    assert short_code("\u0669\u0661\u0661", "US") is None


def test_a_tech_prefix_goes_off_first() -> None:
    """Behind it stands a number or a short code."""
    profile = DiallingProfile("US", DialPlan(default_country="US", tech_prefix="^9991#"))
    assert "+12125550100" == _number("9991#2125550100", profile).e164
    assert Kind(NumberClass.EMERGENCY, "US") == _number("9991#911", profile).kind


@pytest.mark.parametrize("country", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_country_of_published_examples(country: str) -> None:
    """Every example number of libphonenumber outside +1 belongs to the country it is an example of."""
    for kind in range(11):
        example = phonenumbers.example_number_for_type(country, kind)
        if example is not None and example.country_code != 1:
            digits = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)[1:]
            assert phonenumbers.region_code_for_number(example) == country_of(digits), digits


def test_calling_codes_without_a_country() -> None:
    """Satellite and other global services are 001; a code that nobody has is no country."""
    assert {"001"} == {MAIN_COUNTRY[code] for code in (800, 808, 870, 878, 881, 882, 883, 979)}
    assert country_of("2105551234567") is None
    assert {7, 39, 44, 47, 61, 212, 262, 290, 358, 590, 599} == set(SMALL_COUNTRIES)
