"""The dialling profile of a trunk: its own plan, else that of its country and number format."""

import pytest

from rating.numbering.dialling import e164
from rating.numbering.profiles import profile_of
from schemas.reference import ChannelLimit, DialPlan, Trunk, TrunkType
from tests.rating.test_prefixes import NEW_YEAR


def _trunk(country: str, number_format: str = "E164", dial_plan: DialPlan | None = None) -> Trunk:
    return Trunk(
        trunk_id="t", account_id="a", name="T", type=TrunkType.STATIC, plan_id="p", location="l", country=country,
        effective_from=NEW_YEAR, channel_limits=(ChannelLimit(effective_from=NEW_YEAR, channel_limit=1),),
        number_format=number_format, dial_plan=dial_plan,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("country", "number_format", "dialled", "number"),
    [
        ("US", "E164", "2025550102", "+12025550102"),
        ("US", "US_NATIONAL", "2025550102", "+12025550102"),
        ("CA", "E164", "4165550102", "+14165550102"),
        ("US", "E164", "011442079460123", "+442079460123"),
        ("US", "E164", "00442079460123", None),
        ("US", "INTERNATIONAL", "00442079460123", "+442079460123"),
        ("DE", "E164", "00442079460123", "+442079460123"),
        ("DE", "E164", "442079460123", "+442079460123"),
        ("DE", "E164", "011442079460123", None),
        ("DE", "US_NATIONAL", "2025550102", "+12025550102"),
    ],
)
def test_usual_plans(country: str, number_format: str, dialled: str, number: str | None) -> None:
    """Inside +1: 011 and ten digits; elsewhere: 00 and bare digits; US_NATIONAL and INTERNATIONAL add their form."""
    profile = profile_of(_trunk(country, number_format))
    assert country == profile.country
    assert number == e164(dialled, profile.plan)


def test_the_trunk_s_own_plan_decides() -> None:
    """Nothing of the country is added to it."""
    own = DialPlan(default_country="DE", national_prefix="0")
    assert own == profile_of(_trunk("DE", dial_plan=own)).plan
