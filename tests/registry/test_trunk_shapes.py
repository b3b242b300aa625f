"""Requests and answers about trunks, field by field as the vendor publishes them."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from pipeline.registry.shapes.trunks import (
    Action,
    BillingPackage,
    Credentials,
    NewOperatorConnectTrunk,
    NewTrunk,
    Provider,
    SbcHosts,
    StatusChange,
    StatusChanged,
    Trunk,
    TrunkStatus,
    TrunkUpdate,
)  # fmt: skip

NEW: TypeAdapter[Any] = TypeAdapter(NewTrunk)
UPDATE: TypeAdapter[Any] = TypeAdapter(TrunkUpdate)
PROVIDER: TypeAdapter[Any] = TypeAdapter(Provider)
GENESYS = {"type": "GENESYS_CLOUD", "region": "EU_CENTRAL_1"}
SPECIFIC: dict[str, dict[str, Any]] = {
    "STATIC": {"sourceHosts": ["8.8.8.8"]},
    "REGISTERED": {},
    "PROVIDER": {"provider": GENESYS},
}
TYPES = tuple(SPECIFIC)
COMMON: dict[str, Any] = {"name": "Head office", "channelLimit": 10, "billingPackage": {"packageType": "METERED"}}

ENUMS = {
    "dtmf": ("RFC2833", "INBAND"),
    "fax": ("NONE", "INBAND", "T38"),
    "numberFormat": ("E164", "INTERNATIONAL", "US_NATIONAL"),
    "anonymization": ("NONE", "REMOTE_PARTY_ID", "ASSERTED_IDENTITY", "PREFERRED_IDENTITY"),
}
MEDIA = (*ENUMS, "codecs")
HOSTS = ("sourceHosts", "destinationHosts", "strategy", "sipOptions")
A_VALUE: dict[str, Any] = {name: values[0] for name, values in ENUMS.items()} | {
    "codecs": ["PCMA"], "sourceHosts": ["8.8.8.8"], "destinationHosts": ["8.8.8.8:5060"], "strategy": "ROUND_ROBIN",
    "sipOptions": {"enabled": True}, "inviteAuthentication": True, "provider": GENESYS, "location": "FRANKFURT",
    "tls": True, "internationalCallsAllowed": True,
}  # fmt: skip
CREATE_FIELDS = {
    "STATIC": {*MEDIA, *HOSTS},
    "REGISTERED": {*MEDIA, "inviteAuthentication"},
    "PROVIDER": {"provider"},
}
"""Section 4.1 of the facts, without the fields that every type has."""
GENESYS_REGIONS = [
    "NA_US_EAST_1", "NA_US_EAST_2", "NA_US_WEST_2", "CA_CENTRAL_1", "SA_EAST_1", "EU_CENTRAL_1", "EU_CENTRAL_2",
    "EU_WEST_1", "EU_WEST_2", "ME_CENTRAL_1", "AP_SOUTH_1", "AP_NORTHEAST_1", "AP_NORTHEAST_2", "AP_NORTHEAST_3",
    "AP_SOUTHEAST_2",
]  # fmt: skip


def a_request(type_: str, **fields: Any) -> dict[str, Any]:
    """The least that creates a trunk of a type, with these fields instead."""
    return {"type": type_} | COMMON | SPECIFIC[type_] | fields


def written(shape: Any) -> dict[str, Any]:
    """A shape as the API writes it."""
    found: dict[str, Any] = shape.model_dump(mode="json", by_alias=True, exclude_none=True)
    return found


def locations_of(error: ValidationError) -> list[tuple[str | int, ...]]:
    """Where the values stand that were refused."""
    return [problem["loc"] for problem in error.errors()]


@pytest.mark.parametrize("type_", TYPES)
def test_the_least_request_is_taken_and_says_no_more_than_was_said(type_: str) -> None:
    """Defaults are the store's business: an absent field stays absent."""
    assert a_request(type_) == written(NEW.validate_python(a_request(type_)))


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("field", ["name", "channelLimit", "billingPackage"])
def test_required_fields_of_every_type(type_: str, field: str) -> None:
    """Absent and null are the same: missing."""
    without = {name: value for name, value in a_request(type_).items() if name != field}
    for request in (without, a_request(type_, **{field: None})):
        with pytest.raises(ValidationError) as refused:
            NEW.validate_python(request)
        assert [(type_, field)] == locations_of(refused.value)


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("field", ["location", "tls", "internationalCallsAllowed"])
def test_optional_fields_of_every_type(type_: str, field: str) -> None:
    """A value is kept; null is as good as absent."""
    assert A_VALUE[field] == written(NEW.validate_python(a_request(type_, **{field: A_VALUE[field]})))[field]
    assert field not in written(NEW.validate_python(a_request(type_, **{field: None})))


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("field", [*MEDIA, *HOSTS, "inviteAuthentication", "provider"])
def test_fields_that_only_some_types_have(type_: str, field: str) -> None:
    """A field of another type is unknown, and unknown fields are ignored."""
    request = written(NEW.validate_python(a_request(type_, **{field: A_VALUE[field]})))
    if field in CREATE_FIELDS[type_]:
        assert A_VALUE[field] == request[field]
    else:
        assert field not in request


@pytest.mark.parametrize("type_", ["STATIC", "REGISTERED"])
@pytest.mark.parametrize(("field", "values"), ENUMS.items())
def test_enums_of_trunks_hold_these_values_and_no_other(type_: str, field: str, values: tuple[str, ...]) -> None:
    """Upper case as published; another value would break the client when it reads the trunk back."""
    for value in values:
        assert value == written(NEW.validate_python(a_request(type_, **{field: value})))[field]
    for wrong in (*(value.lower() for value in values), "UNKNOWN", "", 1, True, [values[0]]):
        with pytest.raises(ValidationError) as refused:
            NEW.validate_python(a_request(type_, **{field: wrong}))
        assert [(type_, field)] == locations_of(refused.value)


@pytest.mark.parametrize("codecs", [["PCMU"], ["PCMA"], ["G729"], ["G729", "PCMA"], ["PCMU", "PCMA", "G729"]])
def test_codecs_keep_their_order(codecs: list[str]) -> None:
    """The first is preferred."""
    assert codecs == written(NEW.validate_python(a_request("STATIC", codecs=codecs)))["codecs"]


@pytest.mark.parametrize("codecs", [[], ["OPUS"], ["pcmu"], "PCMU", ["PCMU"] * 4, [None], {"PCMU": True}])
def test_codecs_that_are_none(codecs: Any) -> None:
    """OPUS breaks the client, an empty list cannot carry a call, four cannot all be different."""
    with pytest.raises(ValidationError, match="codecs"):
        NEW.validate_python(a_request("STATIC", codecs=codecs))


@pytest.mark.parametrize("strategy", ["FAILOVER", "ROUND_ROBIN"])
def test_strategies(strategy: str) -> None:
    """How destination hosts take turns."""
    assert strategy == NEW.validate_python(a_request("STATIC", strategy=strategy)).strategy


@pytest.mark.parametrize("strategy", ["RANDOM", "failover", 0])
def test_strategies_that_are_none(strategy: Any) -> None:
    """There are two."""
    with pytest.raises(ValidationError, match="strategy"):
        NEW.validate_python(a_request("STATIC", strategy=strategy))


@pytest.mark.parametrize("limit", [1, 2, 999, 1000])
def test_channel_limits_from_1_to_1000(limit: int) -> None:
    """The client checks the upper bound only."""
    assert limit == NEW.validate_python(a_request("STATIC", channelLimit=limit)).channel_limit


@pytest.mark.parametrize("limit", [0, -1, 1001, 25.0, 2.5, "25", True, [25], {}, float("inf")])
@pytest.mark.parametrize("type_", TYPES)
def test_channel_limits_that_are_none(type_: str, limit: Any) -> None:
    """The limit moves money, so 25.0 and "25" are refused as in the client."""
    with pytest.raises(ValidationError, match="channelLimit"):
        NEW.validate_python(a_request(type_, channelLimit=limit))


@pytest.mark.parametrize("field", ["tls", "internationalCallsAllowed"])
@pytest.mark.parametrize("wrong", [0, 1, "true", "yes", [], {}])
def test_booleans_are_true_or_false(field: str, wrong: Any) -> None:
    """1 is no boolean, in the client and here."""
    with pytest.raises(ValidationError, match=field):
        NEW.validate_python(a_request("STATIC", **{field: wrong}))


@pytest.mark.parametrize("name", ["x", "a b", "Zürich 2", "本社", "n" * 128])
def test_names_of_1_to_128_characters(name: str) -> None:
    """Characters are counted, not bytes."""
    assert name == NEW.validate_python(a_request("STATIC", name=name)).name


@pytest.mark.parametrize("name", ["", " ", "n" * 129, "a\nb", "a\x00b", 12, ["a"], True])
def test_names_that_are_none(name: Any) -> None:
    """Empty ones pass the client, so the server looks."""
    with pytest.raises(ValidationError, match="name"):
        NEW.validate_python(a_request("STATIC", name=name))


@pytest.mark.parametrize("field", ["sourceHosts", "destinationHosts"])
@pytest.mark.parametrize("hosts", ["8.8.8.8", [""], [8], [None], ["h" * 263], ["a\tb"], [["8.8.8.8"]]])
def test_host_lists_that_are_none(field: str, hosts: Any) -> None:
    """An array of text of 1 to 262 characters: a name of 253, a colon and a port have room in it."""
    with pytest.raises(ValidationError, match=field):
        NEW.validate_python(a_request("STATIC", **{field: hosts}))


@pytest.mark.parametrize("options", [{}, {"enabled": None}, {"enabled": 1}, {"enabled": "true"}, [], True])
def test_sip_options_need_a_boolean(options: Any) -> None:
    """`{enabled: boolean}` and nothing shorter."""
    with pytest.raises(ValidationError, match="sipOptions"):
        NEW.validate_python(a_request("STATIC", sipOptions=options))


@pytest.mark.parametrize(
    "type_", [None, "", "static", "AUTHENTICATED", "OPERATOR_CONNECT", "MICROSOFT_OPERATOR_CONNECT", 1, ["STATIC"]]
)
def test_types_that_the_client_does_not_know_are_not_made(type_: Any) -> None:
    """One trunk of an unknown type would break the client's whole page."""
    with pytest.raises(ValidationError):
        NEW.validate_python(a_request("STATIC") | {"type": type_})


def test_a_request_without_type_is_refused() -> None:
    """The type decides which fields there are."""
    with pytest.raises(ValidationError, match="discriminator"):
        NEW.validate_python(COMMON)


@pytest.mark.parametrize(
    "package",
    [
        {"packageType": "METERED"},
        {"packageType": "METERED", "countryCode": "USA"},
        {"packageType": "METERED", "addressId": "addr-1"},
        {"packageType": "UNLIMITED", "countryCode": "USA", "addressId": "addr-1"},
    ],
)
def test_billing_packages_come_back_as_sent(package: dict[str, str]) -> None:
    """Whether the parts fit each other is a rule, not a shape."""
    assert package == written(BillingPackage.model_validate(package))


@pytest.mark.parametrize(
    ("package", "field"),
    [
        ({}, "packageType"),
        ({"packageType": None}, "packageType"),
        ({"packageType": "metered"}, "packageType"),
        ({"packageType": "PREPAID"}, "packageType"),
        ({"packageType": "UNLIMITED", "countryCode": "US"}, "countryCode"),
        ({"packageType": "UNLIMITED", "countryCode": "usa"}, "countryCode"),
        ({"packageType": "UNLIMITED", "countryCode": "HRV"}, "countryCode"),
        ({"packageType": "METERED", "addressId": 5}, "addressId"),
        ({"packageType": "METERED", "addressId": ""}, "addressId"),
        ({"packageType": "METERED", "addressId": "a" * 129}, "addressId"),
    ],
)
def test_billing_packages_that_are_none(package: dict[str, Any], field: str) -> None:
    """An empty object lacks its type; only the United States have a country code."""
    with pytest.raises(ValidationError) as refused:
        BillingPackage.model_validate(package)
    assert [(field,)] == locations_of(refused.value)


PROVIDERS = {
    "FRESHWORKS": {"accountSid": "AC0123456789", "sipDomain": "acme.pstn.twilio.com"},
    "GENESYS_CLOUD": {"region": "EU_WEST_2"},
    "CISCO_WEBEX": {"ciscoUUID": "1eb65fdf-9643-417f-9974-ad72cae0e10f"},
    "OPENAI_REALTIME": {"projectId": "proj_1"},
}


@pytest.mark.parametrize(("type_", "fields"), PROVIDERS.items())
def test_providers_come_back_as_sent(type_: str, fields: dict[str, str]) -> None:
    """Also the irregular name ciscoUUID."""
    provider = {"type": type_} | fields
    assert provider == written(PROVIDER.validate_python(provider))


@pytest.mark.parametrize(
    ("type_", "field"), [(type_, field) for type_, fields in PROVIDERS.items() for field in fields]
)
@pytest.mark.parametrize("wrong", [None, "", 7, "x" * 129])
def test_fields_of_providers_are_required_text(type_: str, field: str, wrong: Any) -> None:
    """By them a call of another cloud finds its trunk."""
    with pytest.raises(ValidationError) as refused:
        PROVIDER.validate_python({"type": type_} | PROVIDERS[type_] | {field: wrong})
    assert [(type_, field)] == locations_of(refused.value)


@pytest.mark.parametrize("region", GENESYS_REGIONS)
def test_regions_of_genesys(region: str) -> None:
    """The fifteen that the client knows."""
    assert region == PROVIDER.validate_python({"type": "GENESYS_CLOUD", "region": region}).region


@pytest.mark.parametrize("region", ["AP_SOUTHEAST_1", "eu_west_1", "EU-WEST-1", "US_EAST_1", ""])
def test_regions_that_break_the_client(region: str) -> None:
    """AP_SOUTHEAST_1 is in the newer description and not in the client."""
    with pytest.raises(ValidationError, match="region"):
        PROVIDER.validate_python({"type": "GENESYS_CLOUD", "region": region})


def test_termination_fields_have_their_irregular_names() -> None:
    """The client reads outboundTerminationFQDN, not ...Fqdn."""
    sent = GENESYS | {"outboundTerminationFQDN": "a.sip.example", "inboundTerminationIdentifier": "id-1"}
    assert sent == written(PROVIDER.validate_python(sent))


@pytest.mark.parametrize("type_", ["MICROSOFT_OPERATOR_CONNECT", "MICROSOFT_TEAMS", "TWILIO", "", None])
def test_unknown_providers_are_refused(type_: Any) -> None:
    """One of them would break the client's whole page."""
    with pytest.raises(ValidationError):
        NEW.validate_python(a_request("PROVIDER", provider={"type": type_, "tenantId": "t"}))


def test_operator_connect_has_an_endpoint_and_a_shape_of_its_own() -> None:
    """It takes Microsoft's tenant and no other provider."""
    request = {"type": "OPERATOR_CONNECT"} | COMMON
    teams = {"type": "MICROSOFT_OPERATOR_CONNECT", "tenantId": "tenant-1"}
    assert teams == written(NewOperatorConnectTrunk.model_validate(request | {"provider": teams}))["provider"]
    with pytest.raises(ValidationError, match="provider"):
        NewOperatorConnectTrunk.model_validate(request | {"provider": GENESYS})


UPDATE_FIELDS = {
    "STATIC": {*MEDIA, *HOSTS},
    "REGISTERED": {*MEDIA, "inviteAuthentication"},
    "PROVIDER": set[str](),
}
"""Section 4.3 of the facts, without the fields that every type has."""


@pytest.mark.parametrize("type_", TYPES)
def test_an_update_needs_type_and_name_only(type_: str) -> None:
    """An absent channel limit stays absent: there is no default, and it moves money."""
    request = {"type": type_, "name": "Renamed"}
    assert request == written(UPDATE.validate_python(request))
    with pytest.raises(ValidationError, match="name"):
        UPDATE.validate_python({"type": type_})


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("field", [*MEDIA, *HOSTS, "inviteAuthentication"])
def test_fields_of_an_update(type_: str, field: str) -> None:
    """The same as of a new trunk, but no provider."""
    request = written(UPDATE.validate_python({"type": type_, "name": "Renamed", field: A_VALUE[field]}))
    assert (field in UPDATE_FIELDS[type_]) == (field in request)


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("limit", [0, -5, 1001, 10.0, "10", True])
def test_channel_limits_of_an_update_that_are_none(type_: str, limit: Any) -> None:
    """The bounds are those of a new trunk."""
    with pytest.raises(ValidationError, match="channelLimit"):
        UPDATE.validate_python({"type": type_, "name": "Renamed", "channelLimit": limit})


@pytest.mark.parametrize("name", ["", "  ", "n" * 129, None])
def test_names_of_an_update_have_1_to_128_characters(name: Any) -> None:
    """The client has no limit here."""
    with pytest.raises(ValidationError, match="name"):
        UPDATE.validate_python({"type": "STATIC", "name": name})


@pytest.mark.parametrize("status", ["ENABLED", "DISABLED"])
def test_a_customer_switches_a_trunk_on_and_off(status: str) -> None:
    """Under the name adminStatus."""
    assert {"adminStatus": status} == written(StatusChange.model_validate({"adminStatus": status}))


@pytest.mark.parametrize("status", ["SYSTEM_DISABLED", "enabled", "", None, True])
def test_a_customer_sets_no_other_status(status: Any) -> None:
    """SYSTEM_DISABLED is ours alone."""
    with pytest.raises(ValidationError, match="adminStatus"):
        StatusChange.model_validate({"adminStatus": status})


def test_the_provider_can_show_its_own_status() -> None:
    """All three can be answered."""
    for status in ("ENABLED", "DISABLED", "SYSTEM_DISABLED"):
        assert {"adminStatus": status} == written(StatusChanged.model_validate({"adminStatus": status}))


@pytest.mark.parametrize("action", ["CREATING", "UPDATING", "DELETING", "FAILED", "RESET", "SUCCESS"])
@pytest.mark.parametrize("registration", ["REGISTERED", "UNREGISTERED", None])
def test_the_status_of_a_trunk(action: str, registration: str | None) -> None:
    """The registration appears only where there is one."""
    shown = written(
        TrunkStatus.model_validate(
            {"admin_status": "ENABLED", "action_status": Action.model_validate({"status": action}),
             "registration_status": registration, "active_calls": 3}
        )
    )  # fmt: skip
    expected = {"adminStatus": "ENABLED", "actionStatus": {"status": action}, "activeCalls": 3}
    assert (expected | ({"registrationStatus": registration} if registration else {})) == shown


def test_credentials_are_username_and_password() -> None:
    """The only answer with a password besides that of create."""
    assert {"username": "u", "password": "p"} == written(Credentials(username="u", password="p"))  # noqa: S106


def test_an_answer_has_the_fields_of_its_type_only() -> None:
    """Fields that a type does not have are absent, not null: the client reads both, a person only one."""
    trunk = Trunk(
        id="65f0", type="PROVIDER", name="Webex", location="NEW_YORK", tls=True, international_calls_allowed=False,
        channel_limit=5, billing_package=BillingPackage(package_type="METERED", address_id="a1"),
        sbc_hosts=SbcHosts(primary=["sbc1:5061"], backup=["sbc2:5061"], subnets=["192.0.2.0/28"]),
        provider=PROVIDER.validate_python({"type": "CISCO_WEBEX", "ciscoUUID": "org-1"}),
    )  # fmt: skip
    assert {
        "id": "65f0", "type": "PROVIDER", "name": "Webex", "location": "NEW_YORK", "tls": True,
        "internationalCallsAllowed": False, "channelLimit": 5,
        "billingPackage": {"packageType": "METERED", "addressId": "a1"},
        "sbcHosts": {"primary": ["sbc1:5061"], "backup": ["sbc2:5061"], "subnets": ["192.0.2.0/28"]},
        "provider": {"type": "CISCO_WEBEX", "ciscoUUID": "org-1"},
    } == written(trunk)  # fmt: skip
