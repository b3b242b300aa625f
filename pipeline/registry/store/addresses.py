"""Service addresses: create, read, change, delete; every text that one ever had is kept as a version."""

import secrets
from datetime import datetime, timedelta

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from pipeline.registry.places import countries, country_of, regions
from pipeline.registry.problems import NotFound, Refused
from pipeline.registry.shapes.addresses import Address, Country, NewAddress, Region
from pipeline.registry.shapes.base import Page
from pipeline.registry.store.changes import SERVICE_ADDRESSES, Change, announce, log_change
from pipeline.registry.store.desk import ID_BYTES, Caller, Registry
from pipeline.registry.store.pages import Paging, page_of
from pipeline.registry.store.records import address_record
from pipeline.registry.tables import AddressRow, AddressVersionRow, TrunkRow

KIND = "service address"
_NAMED = 3


class _Text(BaseModel):
    """An address in the words of the database."""

    name: str
    street: str
    suite: str | None
    city: str
    post_code: str
    country: str
    region: str | None


def create_address(
    registry: Registry, caller: Caller, request: NewAddress, address_id: str | None = None, at: datetime | None = None
) -> Address:
    """Write down a new address. Refused names the field that is wrong; an import brings its own id and start."""
    text = _text(request)

    def work(session: Session) -> Address:
        now = at or registry.now()
        row = AddressRow(
            address_id=address_id or secrets.token_hex(ID_BYTES), account_id=caller.account_id, version=1,
            created_at=now, changed_at=now, **text.model_dump(),
        )  # fmt: skip
        session.add(row)
        return _written(registry, session, row, caller, Change("CREATE", KIND, row.address_id))

    return registry.database.write(work)


def get_address(registry: Registry, caller: Caller, address_id: str) -> Address:
    """The address as it is now. NotFound for another account's too."""
    with registry.database.read() as session:
        return shape(_find(session, caller, address_id))


def list_addresses(registry: Registry, caller: Caller, paging: Paging) -> Page[Address]:
    """One page of the account's addresses, the oldest first."""
    query = select(AddressRow).where(AddressRow.account_id == caller.account_id)
    with registry.database.read() as session:
        rows, info = page_of(session, query, (AddressRow.created_at, AddressRow.address_id), paging)
        return Page[Address](results=[shape(row) for row in rows], paging=info)


def update_address(registry: Registry, caller: Caller, address_id: str, request: NewAddress) -> Address:
    """Change the text: a further version from now on. Ledger lines keep the version that they were made with.

    Refused if the address moves out of the United States while a trunk that needs it there uses it.
    """
    text = _text(request)

    def work(session: Session) -> Address:
        row = _find(session, caller, address_id, lock=True)
        if text.country != row.country:
            _refuse_in_use(session, row, "moved to another country: the trunk's plan and place are for its life")
        before = shape(row)
        row.version, row.changed_at = row.version + 1, registry.now_after(row.changed_at)
        for name, value in text:
            setattr(row, name, value)
        return _written(registry, session, row, caller, Change("UPDATE", KIND, address_id, before))

    return registry.database.write(work)


def delete_address(registry: Registry, caller: Caller, address_id: str) -> Address:
    """Delete an address that no trunk uses; return it as it was. Its versions stay."""

    def work(session: Session) -> Address:
        row = _find(session, caller, address_id, lock=True)
        _refuse_in_use(session, row, "deleted")
        before, now = shape(row), registry.clock()
        session.delete(row)
        log_change(session, caller, now, Change("DELETE", KIND, address_id, before))
        announce(session, now + timedelta(days=registry.settings.tombstone_days), SERVICE_ADDRESSES, address_id, None)
        return before

    return registry.database.write(work)


def shape(row: AddressRow) -> Address:
    """An address as the API shows it."""
    country = country_of(row.country)
    region = None
    if row.region is not None and (known := regions(country.alpha3).get(row.region)):
        region = Region(name=known.name, code=known.code, country_code=country.alpha3)
    return Address(
        id=row.address_id, name=row.name, street=row.street, city=row.city, post_code=row.post_code, suite=row.suite,
        country=Country(name=country.name, code=country.alpha3), region=region,
    )  # fmt: skip


def _text(request: NewAddress) -> _Text:
    country = countries().get(request.country_code)
    if country is None:
        raise Refused.at(
            "countryCode",
            f"{request.country_code!r} is no ISO 3166-1 alpha-3 code. GET .../service-addresses/countries lists them.",
        )
    known = regions(country.alpha3)
    region = request.country_region_code
    if (known or region) and region not in known:
        expected = f"one of {', '.join(list(known)[:_NAMED])}, ... (ISO 3166-2)" if known else "none"
        raise Refused.at("countryRegionCode", f"{region!r} found, expected {expected} for {country.alpha3}.")
    return _Text(
        name=request.name, street=request.street, suite=request.suite, city=request.city, post_code=request.post_code,
        country=country.alpha2, region=region,
    )  # fmt: skip


def _find(session: Session, caller: Caller, address_id: str, *, lock: bool = False) -> AddressRow:
    query = select(AddressRow).where(AddressRow.address_id == address_id, AddressRow.account_id == caller.account_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(KIND, address_id)
    return row


def _refuse_in_use(session: Session, row: AddressRow, what: str) -> None:
    users = list(
        session.scalars(
            select(TrunkRow.name).where(TrunkRow.address_in_use == row.address_id).order_by(TrunkRow.created_at)
        )
    )
    if users:
        named = ", ".join(repr(name) for name in users[:_NAMED])
        more = f" and {len(users) - _NAMED} more" if len(users) > _NAMED else ""
        raise Refused.at("id", f"The address is used by {named}{more}; while a trunk uses it, it cannot be {what}.")


def _written(registry: Registry, session: Session, row: AddressRow, caller: Caller, change: Change) -> Address:
    version = AddressVersionRow(
        address_id=row.address_id, version=row.version, account_id=row.account_id, effective_from=row.changed_at,
        **_Text.model_validate(row, from_attributes=True).model_dump(),
    )  # fmt: skip
    session.add(version)
    session.flush()
    after = shape(row)
    at = registry.written_at(row.changed_at)
    log_change(session, caller, at, change._replace(after=after))
    announce(session, at, SERVICE_ADDRESSES, row.address_id, address_record(session, row.address_id))
    return after
