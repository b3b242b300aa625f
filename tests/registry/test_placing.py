"""Where a new trunk stands, what its plan asks for, and what of it is fixed for life (PRODUCT.md, Trunks 1 to 5)."""

from typing import Any, NamedTuple

import pytest
from pydantic import TypeAdapter

from pipeline.registry.places import Location
from pipeline.registry.problems import Refused
from pipeline.registry.rules.trunks import Placement, Placing, check_fixed, place, technical_settings
from pipeline.registry.shapes.trunks import BillingPackage, TrunkUpdate

UPDATE: TypeAdapter[Any] = TypeAdapter(TrunkUpdate)
LOCATIONS = {
    name: Location(country=country, primary="sbc1.example", backup="sbc2.example", subnets=[])
    for name, country in {"FRANKFURT": "DE", "NEW_YORK": "US", "PORTLAND": "US", "SINGAPORE": "SG"}.items()
}
METERED = BillingPackage(package_type="METERED")
METERED_AT = BillingPackage(package_type="METERED", address_id="a1")
UNLIMITED_AT = BillingPackage(package_type="UNLIMITED", country_code="USA", address_id="a1")


def placed(
    location: str | None, package: BillingPackage, country: str | None, provider: str | None = None
) -> Placement:
    """Place a trunk; the defaults are Frankfurt, and New York for the United States."""
    return place(Placing(location, package, provider, country, "FRANKFURT", "NEW_YORK"), LOCATIONS)


@pytest.mark.parametrize(
    ("location", "package", "country", "expected"),
    [
        (None, METERED, None, ("FRANKFURT", "DE")),
        ("SINGAPORE", METERED, None, ("SINGAPORE", "SG")),
        (None, METERED_AT, "US", ("NEW_YORK", "US")),
        ("PORTLAND", METERED_AT, "US", ("PORTLAND", "US")),
        (None, METERED_AT, "HR", ("FRANKFURT", "HR")),
        ("SINGAPORE", METERED_AT, "NZ", ("SINGAPORE", "NZ")),
        ("FRANKFURT", METERED_AT, "US", ("FRANKFURT", "US")),
        ("NEW_YORK", METERED_AT, "HR", ("NEW_YORK", "HR")),
        (None, UNLIMITED_AT, "US", ("NEW_YORK", "US")),
        ("FRANKFURT", UNLIMITED_AT, "US", ("FRANKFURT", "US")),
    ],
)
def test_place_and_country(
    location: str | None, package: BillingPackage, country: str | None, expected: tuple[str, str]
) -> None:
    """The country is that of the address, else that of the data centre; the place is named or a default."""
    assert Placement(*expected) == placed(location, package, country)


@pytest.mark.parametrize("location", ["LONDON", "frankfurt", "", " FRANKFURT"])
def test_an_unknown_place_is_refused_with_the_known_ones(location: str) -> None:
    """An empty name counts as absent, and gets the default."""
    if not location:
        assert "FRANKFURT" == placed(location, METERED, None).location
        return
    with pytest.raises(Refused, match="FRANKFURT, NEW_YORK, PORTLAND, SINGAPORE") as refused:
        placed(location, METERED, None)
    assert ["location"] == list(refused.value.violations)


@pytest.mark.parametrize(
    ("location", "package", "country", "path"),
    [
        ("NEW_YORK", METERED, None, "addressId"),
        ("PORTLAND", METERED, None, "addressId"),
        (None, BillingPackage(package_type="UNLIMITED"), None, "countryCode"),
        (None, BillingPackage(package_type="UNLIMITED", address_id="a1"), "US", "countryCode"),
        (None, BillingPackage(package_type="UNLIMITED", country_code="USA"), None, "addressId"),
        ("NEW_YORK", BillingPackage(package_type="UNLIMITED", country_code="USA"), None, "addressId"),
        (None, UNLIMITED_AT, "HR", "addressId"),
        ("NEW_YORK", UNLIMITED_AT, "CA", "addressId"),
    ],
)
def test_plans_that_are_refused(location: str | None, package: BillingPackage, country: str | None, path: str) -> None:
    """UNLIMITED needs the code USA and an address there; any trunk in the United States needs an address."""
    with pytest.raises(Refused) as refused:
        placed(location, package, country)
    assert [f"billingPackage.{path}"] == list(refused.value.violations)


@pytest.mark.parametrize(
    ("location", "country", "is_taken"),
    [(None, "US", True), ("PORTLAND", "US", True), ("FRANKFURT", "US", False), ("NEW_YORK", "CA", False),
     (None, None, False), (None, "HR", False)],
)  # fmt: skip
def test_webex_is_for_the_united_states(location: str | None, country: str | None, *, is_taken: bool) -> None:
    """Both the data centre and the address have to be there; no other provider minds."""
    package = METERED_AT if country else METERED
    placed(location, package, country, "GENESYS_CLOUD")
    if is_taken:
        assert "US" == placed(location, package, country, "CISCO_WEBEX").country
        return
    with pytest.raises(Refused, match="United States only") as refused:
        placed(location, package, country, "CISCO_WEBEX")
    assert ["provider.type"] == list(refused.value.violations)


class Trunk(NamedTuple):
    """What of a trunk is fixed for life."""

    type: str = "STATIC"
    location: str = "FRANKFURT"
    tls: bool = False
    package: str = "METERED"
    package_country: str | None = None
    address_id: str | None = "a1"


SAME = {"packageType": "METERED", "addressId": "a1"}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"location": None, "tls": None, "billingPackage": None},
        {"location": "FRANKFURT"},
        {"tls": False},
        {"billingPackage": SAME},
        {"location": "FRANKFURT", "tls": False, "billingPackage": SAME, "channelLimit": 99},
    ],
)
def test_what_is_fixed_may_be_repeated(fields: dict[str, Any]) -> None:
    """A client that sends back what it has read changes nothing."""
    check_fixed(Trunk(), UPDATE.validate_python({"type": "STATIC", "name": "n"} | fields))


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({"type": "REGISTERED"}, ["type"]),
        ({"type": "PROVIDER"}, ["type"]),
        ({"location": "SINGAPORE"}, ["location"]),
        ({"tls": True}, ["tls"]),
        ({"billingPackage": {"packageType": "METERED"}}, ["billingPackage.addressId"]),
        ({"billingPackage": SAME | {"addressId": "a2"}}, ["billingPackage.addressId"]),
        ({"billingPackage": SAME | {"countryCode": "USA"}}, ["billingPackage.countryCode"]),
        ({"billingPackage": SAME | {"packageType": "UNLIMITED"}}, ["billingPackage.packageType"]),
        (
            {"type": "REGISTERED", "location": "SINGAPORE", "tls": True,
             "billingPackage": {"packageType": "UNLIMITED", "countryCode": "USA", "addressId": "a2"}},
            ["type", "location", "tls", "billingPackage.packageType", "billingPackage.countryCode",
             "billingPackage.addressId"],
        ),
    ],
)  # fmt: skip
def test_what_is_fixed_is_never_changed(fields: dict[str, Any], paths: list[str]) -> None:
    """Each field is named, and what to do instead."""
    with pytest.raises(Refused, match="Create another trunk instead") as refused:
        check_fixed(Trunk(), UPDATE.validate_python({"type": "STATIC", "name": "n"} | fields))
    assert paths == list(refused.value.violations)


MEDIA = {"codecs": ["PCMA", "PCMU"], "dtmf": "RFC2833", "fax": "NONE", "numberFormat": "E164", "anonymization": "NONE"}
STATIC = {"strategy": "FAILOVER", "sipOptions": {"enabled": False}, "destinationHosts": []}


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("STATIC", MEDIA | STATIC),
        ("REGISTERED", MEDIA | {"inviteAuthentication": False}),
        ("PROVIDER", MEDIA),
        ("OPERATOR_CONNECT", MEDIA),
    ],
)
def test_defaults_of_each_type(type_: str, expected: dict[str, Any]) -> None:
    """Section 4.7 of the facts, and the client's own defaults."""
    assert expected == technical_settings(type_, {})
    assert expected == technical_settings(type_, dict.fromkeys(expected))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("codecs", ["G729"]), ("dtmf", "INBAND"), ("fax", "T38"), ("numberFormat", "US_NATIONAL"),
        ("anonymization", "REMOTE_PARTY_ID"), ("strategy", "ROUND_ROBIN"), ("sipOptions", {"enabled": True}),
        ("destinationHosts", ["8.8.8.8:5060"]),
    ],
)  # fmt: skip
def test_what_is_asked_for_takes_the_place_of_one_default(name: str, value: Any) -> None:
    """All else stays."""
    assert MEDIA | STATIC | {name: value} == technical_settings("STATIC", {name: value})


def test_false_is_an_answer() -> None:
    """Not the same as absent."""
    assert technical_settings("REGISTERED", {"inviteAuthentication": False})["inviteAuthentication"] is False
    assert [] == technical_settings("STATIC", {"destinationHosts": []})["destinationHosts"]
