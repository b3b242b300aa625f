"""Rows as reference data with all their dates: what the topics carry and the book is built from."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipeline.registry.shapes.routes import Route
from pipeline.registry.tables import AddressVersionRow, TrunkRow, TrunkVersionRow
from schemas.reference import ChannelLimit, Reference, ServiceAddress, Trunk, TrunkStatus, TrunkType


class AddressRecord(Reference):
    """All versions of one address: the value on the topic `service-addresses`."""

    versions: tuple[ServiceAddress, ...]


class TrunkRecord(Reference):
    """A trunk: the value on the topic `sip-trunks`.

    `former_hosts` are source hosts that it had and has no longer. `admin_status` is the present one.
    """

    trunk: Trunk
    former_hosts: tuple[str, ...] = ()
    international: bool
    admin_status: str
    version: int


class RouteRecord(Reference):
    """A call route without its secrets: the value on the topic `call-routes`."""

    account_id: str
    route: Mapping[str, Any]


def route_record(route: Route, account_id: str) -> RouteRecord:
    """A route for the topic. What signs in at the customer's server stays in the database."""
    fields = route.model_dump(mode="json", by_alias=True, exclude_none=True)
    for destination in fields["destinations"]:
        destination.pop("securityConfig", None)
    return RouteRecord(account_id=account_id, route=fields)


def address_record(session: Session, address_id: str) -> AddressRecord:
    """An address with all its versions."""
    query = select(AddressVersionRow).where(AddressVersionRow.address_id == address_id)
    return AddressRecord(versions=tuple(map(_address, session.scalars(query.order_by(AddressVersionRow.version)))))


def all_addresses(session: Session) -> list[ServiceAddress]:
    """Every version of every address that there is or was."""
    query = select(AddressVersionRow).order_by(AddressVersionRow.address_id, AddressVersionRow.version)
    return [_address(row) for row in session.scalars(query)]


def all_trunks(session: Session) -> list[TrunkRecord]:
    """Every trunk that there is or was, with its history."""
    query = select(TrunkVersionRow).order_by(TrunkVersionRow.trunk_id, TrunkVersionRow.version)
    versions = groupby(session.scalars(query), lambda version: version.trunk_id)
    histories = {trunk_id: list(rows) for trunk_id, rows in versions}
    return [trunk_record(row, histories[row.trunk_id]) for row in session.scalars(select(TrunkRow))]


def trunk_record(row: TrunkRow, versions: Sequence[TrunkVersionRow]) -> TrunkRecord:
    """A trunk with its history, the oldest version first."""
    trunk = Trunk(
        trunk_id=row.trunk_id, account_id=row.account_id, name=row.name, type=TrunkType(row.type), plan_id=row.plan_id,
        location=row.location, country=row.country, address_id=row.address_id, effective_from=row.created_at,
        effective_until=row.deleted_at, channel_limits=tuple(_limits(versions)), statuses=tuple(_statuses(versions)),
        source_hosts=tuple(row.source_hosts), user_name=row.user_name, provider=row.provider_type,
        provider_id=row.provider_id, dids=tuple(row.numbers), number_format=row.technical.get("numberFormat", "E164"),
    )  # fmt: skip
    had = {host: None for version in versions for host in version.source_hosts if host not in row.source_hosts}
    return TrunkRecord(
        trunk=trunk, former_hosts=tuple(had), international=row.international, admin_status=row.admin_status,
        version=row.version,
    )  # fmt: skip


def _limits(versions: Iterable[TrunkVersionRow]) -> Iterable[ChannelLimit]:
    for limit, since in groupby(versions, lambda version: version.channel_limit):
        yield ChannelLimit(effective_from=next(since).effective_from, channel_limit=limit)


def _statuses(versions: Sequence[TrunkVersionRow]) -> Iterable[TrunkStatus]:
    if all(version.admin_status == "ENABLED" for version in versions):
        return
    for enabled, since in groupby(versions, lambda version: version.admin_status == "ENABLED"):
        yield TrunkStatus(effective_from=next(since).effective_from, enabled=enabled)


def _address(row: AddressVersionRow) -> ServiceAddress:
    return ServiceAddress(
        address_id=row.address_id, account_id=row.account_id, version=row.version, effective_from=row.effective_from,
        street=row.street, suite=row.suite, city=row.city, region=_state(row.region), post_code=row.post_code,
        country=row.country,
    )  # fmt: skip


def _state(region: str | None) -> str | None:
    """`US-TX` is Texas to ISO 3166-2, and TX to the tax rules."""
    return None if region is None else region.partition("-")[2]
