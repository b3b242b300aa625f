"""SIP trunks: create, read, change, delete. Every function is one transaction; Refused says which rule was broken."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pipeline.registry.problems import Refused
from pipeline.registry.rules import hosts
from pipeline.registry.rules.credentials import digest_of, new_password
from pipeline.registry.rules.trunks import Placement, Placing, check_fixed, place, technical_settings
from pipeline.registry.shapes.base import Page
from pipeline.registry.shapes.trunks import BillingPackage, Credentials, NewOperatorConnectTrunk, NewTrunk, Trunk
from pipeline.registry.store.accounts import check_room, owner_of_new_trunk
from pipeline.registry.store.changes import SIP_TRUNKS, Change, announce, log_change
from pipeline.registry.store.desk import ID_BYTES, Caller, Registry
from pipeline.registry.store.pages import Paging, page_of
from pipeline.registry.store.trunk_rows import (
    KIND,
    begin_action,
    claim_identities,
    find,
    release_identities,
    trunks_of,
    write_down,
)  # fmt: skip
from pipeline.registry.store.trunk_shapes import OPERATOR_CONNECT, REGISTERED, RESET, STATIC, trunk_shape
from pipeline.registry.tables import AccountRow, AddressRow, TrunkRow

UNLIMITED = "UNLIMITED"


class Imported(NamedTuple):
    """What an import knows of a trunk beside its shape: the id that SBCs write, and since when it is in use.

    `numbers` are its DIDs, E.164 with a plus; `plan_id` is its plan where that is not the account's.
    """

    trunk_id: str
    at: datetime
    user_name: str | None = None
    provider: Mapping[str, Any] | None = None
    numbers: Sequence[str] = ()
    plan_id: str | None = None


def create_trunk(
    registry: Registry, caller: Caller, request: NewTrunk | NewOperatorConnectTrunk, imported: Imported | None = None
) -> Trunk:
    """Create a trunk. The password of a REGISTERED one is in this answer and never again."""
    password = new_password() if request.type == REGISTERED else None

    def work(session: Session) -> Trunk:
        row = _new_row(registry, session, caller, request, imported)
        if imported is not None and imported.user_name is not None:
            _check_user_name(session, imported.user_name)
        if password is not None:
            row.password_digest = digest_of(row.user_name or "", registry.settings.realm, password)
        session.add(row)
        claim_identities(registry, session, row)
        trunk = write_down(registry, session, row, caller, Change("CREATE", KIND, row.trunk_id))
        return trunk.model_copy(update={"password": password})

    return registry.database.write(work)


def get_trunk(registry: Registry, caller: Caller, trunk_id: str, *, operator_connect: bool = False) -> Trunk:
    """The trunk as it is now. NotFound for another account's, and for a deleted one."""
    with registry.database.read() as session:
        return trunk_shape(registry, find(session, caller, trunk_id, operator_connect=operator_connect))


def list_trunks(
    registry: Registry, caller: Caller, paging: Paging, name: str | None = None, *, operator_connect: bool = False
) -> Page[Trunk]:
    """One page of the account's trunks, the oldest first; `name` is a part of their names, case ignored."""
    query = trunks_of(caller, operator_connect=operator_connect)
    if name:
        query = query.where(func.lower(TrunkRow.name).contains(name.lower(), autoescape=True))
    with registry.database.read() as session:
        rows, info = page_of(session, query, (TrunkRow.created_at, TrunkRow.trunk_id), paging)
        return Page[Trunk](results=[trunk_shape(registry, row) for row in rows], paging=info)


def update_trunk(
    registry: Registry, caller: Caller, trunk_id: str, request: Any, *, operator_connect: bool = False  # noqa: ANN401
) -> Trunk:  # fmt: skip
    """Change what may change; `request` is the update shape of the trunk's type. What is absent takes its default.

    An absent channel limit stays, because it moves money; so do both host lists if neither is sent.
    """

    def work(session: Session) -> Trunk:
        row = find(session, caller, trunk_id, operator_connect=operator_connect, lock=True)
        check_fixed(row, request)
        before = trunk_shape(registry, row)
        row.name, row.international = request.name, bool(request.international_calls_allowed)
        row.channel_limit = row.channel_limit if request.channel_limit is None else request.channel_limit
        sources, targets = _hosts_after(row, request, registry)
        begin_action(registry, row, "UPDATING")
        row.source_hosts, row.technical = sources, _technical(request, targets)
        claim_identities(registry, session, row)
        return write_down(registry, session, row, caller, Change("UPDATE", KIND, row.trunk_id, before))

    return registry.database.write(work)


def delete_trunk(registry: Registry, caller: Caller, trunk_id: str, *, operator_connect: bool = False) -> Trunk:
    """End a trunk's life now. It stays in the book for records that arrive late, and frees its address and hosts."""

    def work(session: Session) -> Trunk:
        row = find(session, caller, trunk_id, operator_connect=operator_connect, lock=True)
        before = trunk_shape(registry, row)
        begin_action(registry, row, "DELETING")
        row.deleted_at, row.address_in_use = row.changed_at, None
        release_identities(session, row)
        write_down(registry, session, row, caller, Change("DELETE", KIND, row.trunk_id, before))
        announce(session, row.deleted_at + timedelta(days=registry.settings.tombstone_days), SIP_TRUNKS, trunk_id, None)
        return before

    return registry.database.write(work)


def reset_password(registry: Registry, caller: Caller, trunk_id: str) -> Credentials:
    """Give a REGISTERED trunk a new password, shown in this answer and never again."""
    password = new_password()

    def work(session: Session) -> Credentials:
        row = find(session, caller, trunk_id, lock=True)
        if row.type != REGISTERED or row.user_name is None:
            raise Refused.at("type", f"{row.type} trunks have no password; only REGISTERED ones have.")
        row.password_digest = digest_of(row.user_name, registry.settings.realm, password)
        now = registry.clock()
        row.action, row.action_reason = RESET, "The password was reset; register with the new one."
        row.action_until = now + timedelta(seconds=registry.settings.action_seconds)
        log_change(session, caller, now, Change("RESET_PASSWORD", KIND, trunk_id))
        return Credentials(username=row.user_name, password=password)

    return registry.database.write(work)


def _new_row(
    registry: Registry, session: Session, caller: Caller, request: Any, imported: Imported | None  # noqa: ANN401
) -> TrunkRow:  # fmt: skip
    account = owner_of_new_trunk(session, caller.account_id)
    address = _address(session, caller, request.billing_package)
    placement = _place(registry, request, address)
    begins = registry.now_from(address.created_at) if address else registry.now()
    now = imported.at if imported else begins
    if imported is None:
        check_room(registry, session, account, placement.location)
    sources, targets = _checked_hosts(registry, getattr(request, "source_hosts", None), _targets(request))
    if request.type == STATIC and not (sources or targets):
        raise Refused.at("sourceHosts", "A STATIC trunk needs a source host or a destination host.")
    provider = _provider(registry, request, imported)
    package = request.billing_package
    return TrunkRow(
        trunk_id=imported.trunk_id if imported else secrets.token_hex(ID_BYTES), account_id=caller.account_id,
        type=request.type, package=package.package_type, package_country=package.country_code,
        plan_id=_plan(account, package, imported),
        location=placement.location, country=placement.country, address_id=package.address_id, tls=bool(request.tls),
        provider_type=provider["type"] if provider else None, provider_id=_provider_id(provider), provider=provider,
        user_name=_user_name(request.type, imported), created_at=now, name=request.name,
        channel_limit=request.channel_limit, international=bool(request.international_calls_allowed),
        technical=_technical(request, targets), source_hosts=sources,
        numbers=list(dict.fromkeys(imported.numbers)) if imported else [], admin_status="ENABLED", password_digest=None,
        address_in_use=package.address_id, version=1, changed_at=now, deleted_at=None, action="CREATING",
        action_until=registry.written_at(now) + timedelta(seconds=registry.settings.action_seconds), action_reason=None,
        registration="UNREGISTERED" if request.type == REGISTERED else None, active_calls=0,
    )  # fmt: skip


def _plan(account: AccountRow, package: BillingPackage, imported: Imported | None) -> str:
    if imported is not None and imported.plan_id is not None:
        return imported.plan_id
    return account.unlimited_plan if package.package_type == UNLIMITED else account.metered_plan


def _address(session: Session, caller: Caller, package: BillingPackage) -> AddressRow | None:
    """The address of a new trunk, locked against deletion until the trunk that uses it is there."""
    if package.address_id is None:
        return None
    mine = (AddressRow.address_id == package.address_id, AddressRow.account_id == caller.account_id)
    row = session.scalar(select(AddressRow).where(*mine).with_for_update(key_share=True, read=True))
    if row is None:
        raise Refused.at(
            "billingPackage.addressId", f"There is no service address {package.address_id!r} in this account."
        )
    return row


def _place(registry: Registry, request: Any, address: AddressRow | None) -> Placement:  # noqa: ANN401
    settings = registry.settings
    provider_type = request.provider.type if hasattr(request, "provider") else None
    country = address.country if address else None
    placing = Placing(
        request.location, request.billing_package, provider_type, country, settings.location, settings.us_location
    )
    if request.type == OPERATOR_CONNECT and address is None:
        raise Refused.at("billingPackage.addressId", "An Operator Connect trunk needs a service address.")
    return place(placing, registry.locations)


def _targets(request: Any) -> list[str] | None:  # noqa: ANN401
    targets: list[str] | None = getattr(request, "destination_hosts", None)
    return targets


def _checked_hosts(registry: Registry, sources: list[str] | None, targets: list[str] | None) -> tuple[
    list[str], list[str]
]:  # fmt: skip
    limits, admit = registry.settings.account_limits, registry.settings.admit_documentation_hosts
    for path, found, most in (
        ("sourceHosts", sources, limits.source_hosts), ("destinationHosts", targets, limits.destination_hosts)
    ):  # fmt: skip
        if len(found or ()) > most:
            raise Refused.at(path, f"{len(found or ())} hosts found, expected {most} at most.")
    return hosts.source_hosts(sources or (), admit_documentation=admit), hosts.destination_hosts(targets or ())


def _hosts_after(row: TrunkRow, request: Any, registry: Registry) -> tuple[list[str], list[str]]:  # noqa: ANN401
    sources, targets = getattr(request, "source_hosts", None), _targets(request)
    if sources is None and targets is None:
        return row.source_hosts, row.technical.get("destinationHosts", [])
    checked = _checked_hosts(registry, sources, targets)
    if not any(checked):
        raise Refused.at("sourceHosts", "A STATIC trunk needs a source host or a destination host.")
    return checked


def _technical(request: Any, targets: list[str]) -> dict[str, Any]:  # noqa: ANN401
    sent = request.model_dump(by_alias=True, exclude_none=True)
    return technical_settings(request.type, sent | {"destinationHosts": targets})


def _check_user_name(session: Session, user_name: str) -> None:
    """Refuse a user name that finds another trunk, of whatever account."""
    if session.scalar(select(TrunkRow.trunk_id).where(TrunkRow.user_name == user_name)) is not None:
        raise Refused.at("username", f"{user_name!r} already finds another trunk. Give this one a name of its own.")


def _user_name(type_: str, imported: Imported | None) -> str | None:
    if type_ != REGISTERED:
        return None
    return (imported.user_name if imported else None) or f"trunk-{secrets.token_hex(8)}"


def _provider(registry: Registry, request: Any, imported: Imported | None) -> dict[str, Any] | None:  # noqa: ANN401
    """What the request says of the provider; the termination fields of Genesys Cloud are made here."""
    if not hasattr(request, "provider"):
        return None
    made: dict[str, Any] = request.provider.model_dump(by_alias=True, exclude_none=True)
    if made["type"] == "GENESYS_CLOUD":
        name = f"trunk-{secrets.token_hex(8)}"
        made["inboundTerminationIdentifier"] = name
        made["outboundTerminationFQDN"] = f"{name}.{registry.settings.realm}"
    return made | dict(imported.provider or {}) if imported else made


PROVIDER_IDS = {
    "FRESHWORKS": "accountSid",
    "GENESYS_CLOUD": "inboundTerminationIdentifier",
    "CISCO_WEBEX": "ciscoUUID",
    "OPENAI_REALTIME": "projectId",
    "MICROSOFT_OPERATOR_CONNECT": "tenantId",
}
"""The field by which a provider's calls are known."""


def _provider_id(provider: Mapping[str, Any] | None) -> str | None:
    return None if provider is None else str(provider[PROVIDER_IDS[provider["type"]]])
