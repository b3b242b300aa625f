"""Requests and registries that say only what a test is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from pipeline.registry.database import Database
from pipeline.registry.settings import AccountLimits, RateLimits, RegistrySettings
from pipeline.registry.shapes.addresses import NewAddress
from pipeline.registry.shapes.routes import NewRoute
from pipeline.registry.shapes.trunks import NewOperatorConnectTrunk, NewTrunk, TrunkUpdate
from pipeline.registry.store.desk import Caller, Registry
from pipeline.registry.store.keys import open_account

ACME, BLUE = Caller("acme", "test of acme"), Caller("blue", "test of blue")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPEN_LIMITS = RateLimits(
    reads=1_000_000, trunk_writes=1_000_000, route_writes=1_000_000, simulations=1_000_000, usage_queries=1_000_000
)
MUCH_ROOM = AccountLimits(
    trunks=100_000, trunks_per_location=100_000, locations=100, source_hosts=100, destination_hosts=100
)

_NEW: TypeAdapter[Any] = TypeAdapter(NewTrunk)
_UPDATE: TypeAdapter[Any] = TypeAdapter(TrunkUpdate)


class Clock:
    """A clock that a test sets: it moves by a second each time that it is read."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def a_registry(database: Database, clock: Clock | None = None, **settings: Any) -> Registry:
    """A registry with two accounts, acme and blue."""
    registry = Registry(
        database,
        RegistrySettings(**({"rate_limits": OPEN_LIMITS, "account_limits": MUCH_ROOM} | settings)),
        clock or Clock(),
    )
    for account in (ACME, BLUE):
        open_account(registry, account.account_id, "metered-us", "unlimited-us")
    return registry


def a_trunk(**fields: Any) -> Any:
    """A request for a METERED STATIC trunk in Frankfurt."""
    base = {
        "type": "STATIC", "name": "Head office", "channelLimit": 10, "billingPackage": {"packageType": "METERED"},
        "sourceHosts": ["8.8.4.4"],
    }  # fmt: skip
    return _NEW.validate_python({name: value for name, value in (base | fields).items() if value is not None})


def a_registered_trunk(**fields: Any) -> Any:
    """A request for a REGISTERED trunk."""
    return a_trunk(**({"type": "REGISTERED", "sourceHosts": None} | fields))


def a_provider_trunk(provider: dict[str, Any], **fields: Any) -> Any:
    """A request for a trunk of another cloud."""
    return a_trunk(**({"type": "PROVIDER", "sourceHosts": None, "provider": provider} | fields))


def a_teams_trunk(**fields: Any) -> NewOperatorConnectTrunk:
    """A request for an Operator Connect trunk."""
    base = {
        "type": "OPERATOR_CONNECT", "name": "Teams", "channelLimit": 5, "billingPackage": {"packageType": "METERED"},
        "provider": {"type": "MICROSOFT_OPERATOR_CONNECT", "tenantId": "tenant-1"},
    }  # fmt: skip
    return NewOperatorConnectTrunk.model_validate(base | fields)


def an_update(**fields: Any) -> Any:
    """A request that renames a STATIC trunk."""
    return _UPDATE.validate_python({"type": "STATIC", "name": "Renamed"} | fields)


def an_address(**fields: Any) -> NewAddress:
    """A request for a service address in Texas."""
    base = {
        "name": "Austin", "street": "1 Congress Ave", "city": "Austin", "postCode": "78701", "countryCode": "USA",
        "countryRegionCode": "US-TX",
    }  # fmt: skip
    return NewAddress.model_validate({name: value for name, value in (base | fields).items() if value is not None})


def a_route(**fields: Any) -> NewRoute:
    """A request for a route that sends every call to one telephone number."""
    phone = {"type": "ENDPOINT", "value": {"type": "PHONE", "phoneNumber": "12125550100"}}
    return NewRoute.model_validate({"name": "Main line", "destinations": [phone]} | fields)


def metered(address_id: str | None) -> dict[str, str]:
    """A METERED billing package at an address."""
    return {"packageType": "METERED"} | ({"addressId": address_id} if address_id else {})


def unlimited(address_id: str | None) -> dict[str, str]:
    """An UNLIMITED billing package at an address."""
    return metered(address_id) | {"packageType": "UNLIMITED", "countryCode": "USA"}
