"""A trunk's row as the API shows it."""

from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from pipeline.registry.places import Location
from pipeline.registry.shapes.trunks import AnyProvider, SbcHosts, Trunk, TrunkStatus
from pipeline.registry.store.desk import Registry
from pipeline.registry.tables import TrunkRow

OPERATOR_CONNECT, STATIC, REGISTERED, PROVIDER = "OPERATOR_CONNECT", "STATIC", "REGISTERED", "PROVIDER"
DONE, FAILED, RESET = "SUCCESS", "FAILED", "RESET"

_PROVIDER: TypeAdapter[Any] = TypeAdapter(AnyProvider)


def trunk_shape(registry: Registry, row: TrunkRow, password: str | None = None) -> Trunk:
    """The trunk with the fields that its type has; the password only where it has just been made."""
    return Trunk.model_validate(
        {
            "id": row.trunk_id, "type": row.type, "name": row.name, "location": row.location, "tls": row.tls,
            "internationalCallsAllowed": row.international, "channelLimit": row.channel_limit,
            "billingPackage": {
                "packageType": row.package, "countryCode": row.package_country, "addressId": row.address_id
            },
            "sbcHosts": _sbc_hosts(registry.locations.get(row.location), tls=row.tls),
            "sourceHosts": row.source_hosts if row.type == STATIC else None, "username": row.user_name,
            "numbers": row.numbers or None,
            "password": password, "provider": _provider(row), **row.technical,
        }
    )  # fmt: skip


def _provider(row: TrunkRow) -> Any:  # noqa: ANN401 - one of four shapes
    """The provider, if the shapes have it; without the object, the client can still read the trunk."""
    if row.provider is None:
        return None
    try:
        return _PROVIDER.validate_python(row.provider)
    except ValidationError:
        return None


def _sbc_hosts(location: Location | None, *, tls: bool) -> SbcHosts:
    if location is None:  # the data centre was taken out of the file; its trunks are still shown
        return SbcHosts(primary=[], backup=[], subnets=[])
    return SbcHosts(**location.sbc_hosts(tls=tls))


def status_shape(row: TrunkRow, now: datetime) -> TrunkStatus:
    """What customer, provider and SBCs say about the trunk; an asynchronous change is done at its time."""
    is_running = now < row.action_until
    return TrunkStatus.model_validate(
        {
            "adminStatus": row.admin_status,
            "actionStatus": {
                "status": row.action if is_running or row.action == FAILED else DONE,
                "reason": row.action_reason if is_running or row.action == FAILED else None,
            },
            "registrationStatus": row.registration,
            "activeCalls": row.active_calls,
        }
    )
