"""Dialled digits to E.164: the numbers of mediation.md H, and what is refused."""

import pytest

from rating.numbering.dialling import e164, plan_behind_prefix, without_tech_prefix
from schemas.reference import DialPlan

US = DialPlan(default_country="US", international_prefixes=("011",))
GB = DialPlan(default_country="GB", international_prefixes=("00",))
BARE = DialPlan(international_prefixes=("00",), accept_bare_e164=True)


@pytest.mark.parametrize(
    ("dialled", "plan", "number"),
    [
        ("+34688886392", DialPlan(), "+34688886392"),  # N1
        ("0034688886392", DialPlan(international_prefixes=("00",)), "+34688886392"),  # N2
        ("34688886392", BARE, "+34688886392"),  # N3
        ("34688886392", DialPlan(international_prefixes=("00",)), None),  # N3 without bare digits
        ("00034688886392", DialPlan(international_prefixes=("00",), access_digit="0"), "+34688886392"),  # N4
        ("00034688886392", DialPlan(international_prefixes=("00",)), None),  # N4 without the access digit
        ("011442079460123", US, "+442079460123"),  # N5
        ("2025550102", US, "+12025550102"),  # N6
        ("12025550102", US, "+12025550102"),  # N6
        ("02079460123", GB, "+442079460123"),  # N7
        ("0612345678", DialPlan(default_country="IT"), "+390612345678"),  # N10: Italy keeps the 0
        ("5550101", DialPlan(default_country="US", area_code="202"), "+12025550101"),  # N17
        ("5550101", US, None),
        ("5550101", DialPlan(default_country="US", accept_bare_e164=True), None),
        ("442079460123", DialPlan(default_country="US", accept_bare_e164=True), "+442079460123"),
        ("1025550102", US, None),
        ("2021550102", US, None),
        ("442079460123", US, None),
        ("02079460123", US, None),
        ("441632960000123456", BARE, None),
        ("441632960000ABC", BARE, None),  # N29
        ("4416329600\u0660\u0661", BARE, None),
        ("911", US, None),
        ("", US, None),
        ("+", US, None),
        ("+0442079460123", US, None),
        ("+1202555010", US, None),
    ],
)
def test_digits_by_plan(dialled: str, plan: DialPlan, number: str | None) -> None:
    """Each rule of the plan, and None where no rule says which number it is."""
    assert number == e164(dialled, plan)


def test_the_longest_international_prefix_is_tried_first() -> None:
    """With 0 and 0011, the digits 0011 44 ... are Great Britain."""
    plan = DialPlan(international_prefixes=("00", "0011"))
    assert "+442079460123" == e164("0011442079460123", plan)


@pytest.mark.parametrize(
    ("dialled", "pattern", "rest", "prefix"),
    [
        ("9991#442079460123", "^9991#", "442079460123", "9991#"),  # N11
        ("442079460123", "^9991#", "442079460123", None),
        ("442079460123", None, "442079460123", None),
        ("77", "7+", "", "77"),
    ],
)
def test_tech_prefix(dialled: str, pattern: str | None, rest: str, prefix: str | None) -> None:
    """What the pattern matches at the start goes off and is kept apart."""
    assert (rest, prefix) == without_tech_prefix(dialled, pattern)


@pytest.mark.parametrize(
    ("plan", "number"),
    [
        (DialPlan(), "+442079460123"),
        (DialPlan(international_prefixes=("00",)), "+442079460123"),
        (DialPlan(default_country="US"), None),
        (DialPlan(default_country="US", accept_bare_e164=True), "+442079460123"),
    ],
)
def test_digits_behind_a_tech_prefix(plan: DialPlan, number: str | None) -> None:
    """E.164 where the plan has no country (N11); else by the plan alone."""
    assert number == e164("442079460123", plan_behind_prefix(plan))
