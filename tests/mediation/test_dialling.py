"""Dialled digits to E.164 by a dial plan (N1 to N10, N17, N26 to N29)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rating.numbering.dialling import e164
from schemas.reference import DialPlan

US = DialPlan(default_country="US", international_prefixes=("011",))
GB = DialPlan(default_country="GB", international_prefixes=("00",))


@pytest.mark.parametrize(
    ("dialled", "number"),
    [
        ("2025550102", "+12025550102"),
        ("12025550102", "+12025550102"),
        ("011442079460123", "+442079460123"),
        ("01112025550102", "+12025550102"),
        ("+12025550102", "+12025550102"),
        ("1202555010", None),
        ("120255501022", None),
        ("1025550102", None),
        ("2021550102", None),
        ("5550123", None),
        ("911", None),
        ("442079460123", None),
        ("0442079460123", None),
        ("011", None),
    ],
)
def test_united_states(dialled: str, number: str | None) -> None:
    """Ten digits are national, eleven start with 1; area code and exchange begin with 2 to 9; nothing is guessed."""
    assert number == e164(dialled, US)


@pytest.mark.parametrize(
    ("dialled", "number"),
    [
        ("02079460123", "+442079460123"),
        ("00442079460123", "+442079460123"),
        ("0012025550102", "+12025550102"),
        ("2079460123", None),
        ("442079460123", None),
        ("000442079460654", None),
        ("999", None),
        ("03000000000000000", None),
    ],
)
def test_united_kingdom(dialled: str, number: str | None) -> None:
    """0 is the national prefix and is taken off, 00 the international one; 000 fits no rule (N4)."""
    assert number == e164(dialled, GB)


@pytest.mark.parametrize(
    ("country", "dialled", "number"),
    [
        ("IT", "0612345678", "+390612345678"),
        ("IT", "3201234567", "+393201234567"),
        ("DE", "030123456", "+4930123456"),
        ("FR", "0123456789", "+33123456789"),
        ("ES", "912345678", "+34912345678"),
        ("SG", "61234567", "+6561234567"),
        ("CA", "6045550123", "+16045550123"),
        ("JM", "8765550123", "+18765550123"),
        ("RU", "84951234567", "+74951234567"),
    ],
)
def test_national_numbers_of_other_countries(country: str, dialled: str, number: str) -> None:
    """Italy keeps its 0, Spain and Singapore have no prefix, Russia's is 8, the Caribbean dials as the US does."""
    assert number == e164(dialled, DialPlan(default_country=country, international_prefixes=("00",)))


def test_the_longest_international_prefix_wins() -> None:
    """A plan with 00 and 0011 reads 0011442079460123 by the longer one."""
    plan = DialPlan(default_country="AU", international_prefixes=("00", "0011"))
    assert "+442079460123" == e164("0011442079460123", plan)


def test_access_digit_for_an_outside_line() -> None:
    """9 then a national number; without the digit the number is read as well."""
    plan = DialPlan(default_country="US", international_prefixes=("011",), access_digit="9")
    assert "+12025550102" == e164("912025550102", plan) == e164("12025550102", plan)
    assert "+442079460123" == e164("9011442079460123", plan)


def test_area_code_of_the_trunk() -> None:
    """Seven digits need the area code of the plan (N6)."""
    assert "+12025550123" == e164("5550123", DialPlan(default_country="US", area_code="202"))
    assert e164("1550123", DialPlan(default_country="US", area_code="202")) is None


def test_bare_numbers_only_where_the_plan_accepts_them() -> None:
    """34688886392 is Spanish only if the plan says that bare digits are E.164 (N3)."""
    assert "+34688886392" == e164("34688886392", DialPlan(accept_bare_e164=True))
    assert e164("34688886392", DialPlan(international_prefixes=("00",))) is None


def test_national_rules_go_before_bare_ones() -> None:
    """2025550102 is a US number, not one of country 20 (Egypt), on a US trunk that accepts bare numbers."""
    plan = DialPlan(default_country="US", accept_bare_e164=True)
    assert "+12025550102" == e164("2025550102", plan)


@pytest.mark.parametrize(
    ("number", "fits"),
    [("+1202555010", False), ("+12025550102", True), ("+120255501020", False), ("+1120255501", False),
     ("+2025550", True), ("+202555", False), ("+999999999999999", True), ("+9999999999999999", False),
     ("+0442079460123", False), ("+44a2079460123", False), ("+", False)],
)  # fmt: skip
def test_global_numbers_have_a_length(number: str, fits: bool) -> None:
    """7 to 15 digits, +1 exactly 11, no 0 in front."""
    assert (number if fits else None) == e164(number, DialPlan())


@pytest.mark.parametrize("dialled", ["*60", "7777", "12345", "112", "alice", "", "9991#44", "20255501a2"])
def test_codes_and_letters_are_no_numbers(dialled: str) -> None:
    """Short codes, feature codes and texts belong to no country (N26, N27)."""
    assert e164(dialled, US.model_copy(update={"accept_bare_e164": True})) is None


PLANS = st.builds(
    DialPlan,
    default_country=st.sampled_from([None, "US", "GB", "IT", "SG"]),
    international_prefixes=st.sampled_from([(), ("00",), ("011",), ("00", "0011")]),
    access_digit=st.sampled_from([None, "0", "9"]),
    accept_bare_e164=st.booleans(),
)


@settings(deadline=None)
@given(st.text("0123456789+*#a", max_size=20), PLANS)
def test_what_comes_out_is_a_number(dialled: str, plan: DialPlan) -> None:
    """None, or a plus and 7 to 15 digits, +1 with exactly 11; reading it again changes nothing."""
    number = e164(dialled, plan)
    if number is not None:
        digits = number.removeprefix("+")
        assert digits.isdecimal()
        assert len(digits) == 11 if digits.startswith("1") else 7 <= len(digits) <= 15
        assert number == e164(number, plan)
