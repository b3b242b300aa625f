"""What a trunk may be, where it stands and how it is billed (PRODUCT.md, Trunks 1 to 5)."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from pipeline.registry.places import Location
from pipeline.registry.problems import Refused
from pipeline.registry.shapes.trunks import BillingPackage

USA, USA_ALPHA3 = "US", "USA"
UNLIMITED = "UNLIMITED"
CISCO_WEBEX = "CISCO_WEBEX"
_ADDRESS = "billingPackage.addressId"


class Placement(NamedTuple):
    """Where a trunk is served from, and the country that it dials from (ISO 3166-1 alpha-2)."""

    location: str
    country: str


class Placing(NamedTuple):
    """What decides where a new trunk stands: the request's words, its address's country, the defaults."""

    location: str | None
    billing_package: BillingPackage
    provider_type: str | None
    address_country: str | None
    default: str
    us_default: str


def place(placing: Placing, locations: Mapping[str, Location]) -> Placement:
    """Decide location and country of a new trunk. Refused names the field and the rule that is broken."""
    name = placing.location or (placing.us_default if placing.address_country == USA else placing.default)
    if name not in locations:
        raise Refused.at("location", f"{name!r} is not one of {', '.join(locations)}.")
    placement = Placement(name, placing.address_country or locations[name].country)
    _check_plan(placing, placement)
    if placing.provider_type == CISCO_WEBEX and USA not in {placement.country} & {locations[name].country}:
        raise Refused.at("provider.type", "CISCO_WEBEX is for the United States only: give a location and a service "
                         "address there.")  # fmt: skip
    return placement


def _check_plan(placing: Placing, placement: Placement) -> None:
    package = placing.billing_package
    if package.package_type == UNLIMITED:
        if package.country_code != USA_ALPHA3:
            raise Refused.at("billingPackage.countryCode", "UNLIMITED needs the country code USA.")
        if package.address_id is None:
            raise Refused.at(_ADDRESS, "UNLIMITED needs a service address in the United States.")
        if placement.country != USA:
            raise Refused.at(_ADDRESS, "UNLIMITED needs a service address in the United States; this one is elsewhere.")
    if placement.country == USA and package.address_id is None:
        raise Refused.at(
            _ADDRESS, f"A trunk in the United States ({placement.location}) needs a service address. Create one first."
        )


class FixedForLife(Protocol):
    """The part of a trunk that an update may repeat and never change."""

    type: str
    location: str
    tls: bool
    package: str
    package_country: str | None
    address_id: str | None


def check_fixed(trunk: FixedForLife, update: Any) -> None:  # noqa: ANN401 - any of the update shapes
    """Refuse an update that would move what is fixed for a trunk's life; repeating it is fine."""
    asked: dict[str, tuple[object, object]] = {"type": (update.type, trunk.type)}
    if update.location is not None:
        asked["location"] = (update.location, trunk.location)
    if update.tls is not None:
        asked["tls"] = (update.tls, trunk.tls)
    if (package := update.billing_package) is not None:
        asked["billingPackage.packageType"] = (package.package_type, trunk.package)
        asked["billingPackage.countryCode"] = (package.country_code, trunk.package_country)
        asked[_ADDRESS] = (package.address_id, trunk.address_id)
    violations = {
        path: [f"{wanted!r} was asked for; it is {fixed!r} for the trunk's life. Create another trunk instead."]
        for path, (wanted, fixed) in asked.items()
        if wanted != fixed
    }
    if violations:
        raise Refused(violations)


TECHNICAL_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "STATIC": {"strategy": "FAILOVER", "sipOptions": {"enabled": False}, "destinationHosts": []},
    "REGISTERED": {"inviteAuthentication": False},
    "PROVIDER": {},
    "OPERATOR_CONNECT": {},
}
MEDIA_DEFAULTS: Mapping[str, Any] = {
    "codecs": ["PCMA", "PCMU"],
    "dtmf": "RFC2833",
    "fax": "NONE",
    "numberFormat": "E164",
    "anonymization": "NONE",
}


def technical_settings(type_: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that never change a price: what the request says, else the defaults of the trunk's type."""
    defaults = {**MEDIA_DEFAULTS, **TECHNICAL_DEFAULTS[type_]}
    return {name: default if request.get(name) is None else request[name] for name, default in defaults.items()}
