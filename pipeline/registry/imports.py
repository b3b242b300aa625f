"""Taking over the provider's own lists: service addresses and SIP trunks as GET gives them, ids included.

Lists say nothing of the past, so everything begins at one instant. An entry that is there already is left alone, so a
list can be imported again after a mistake was corrected.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select

from pipeline.registry.problems import Refused
from pipeline.registry.shapes.addresses import NewAddress
from pipeline.registry.shapes.trunks import NewTrunk
from pipeline.registry.store.addresses import create_address
from pipeline.registry.store.desk import Caller, Registry
from pipeline.registry.store.keys import open_account
from pipeline.registry.store.trunks import Imported, create_trunk
from pipeline.registry.tables import AddressRow, TrunkRow

_NEW_TRUNK: TypeAdapter[Any] = TypeAdapter(NewTrunk)


class BadList(ValueError):
    """The file is no list of trunks or addresses, or the start is no time."""


def import_list(registry: Registry, account_id: str, content: object, since: str | None) -> list[dict[str, str]]:
    """Take over a list, `{"results": [...]}` or the bare array; return what became of each entry.

    Trunks must come after the addresses that they use. Raises BadList.
    """
    entries = content.get("results") if isinstance(content, Mapping) else content
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) and "id" in entry for entry in entries):
        raise BadList('Expected {"results": [...]} or an array of objects with an id, as GET of the API gives them.')
    at = _instant(registry, since)
    open_account(registry, account_id, None, None)
    caller = Caller(account_id, "import")
    return [_import(registry, caller, dict(entry), at) for entry in entries]


def _instant(registry: Registry, since: str | None) -> datetime:
    if since is None:
        return registry.clock()
    try:
        found = datetime.fromisoformat(since)
    except ValueError:
        raise BadList(f"{since!r} is no time such as 2026-01-01T00:00:00Z.") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _import(registry: Registry, caller: Caller, entry: dict[str, Any], at: datetime) -> dict[str, str]:
    is_address = "street" in entry
    row = {"kind": "address" if is_address else "trunk", "id": str(entry["id"]), "name": str(entry.get("name"))}
    if _is_there(registry, row["id"], is_address=is_address):
        return row | {"result": "there already", "reason": ""}
    try:
        if is_address:
            _import_address(registry, caller, entry, at)
        else:
            _import_trunk(registry, caller, entry, at)
    except (Refused, ValidationError) as error:
        return row | {"result": "refused", "reason": _reason(error)}
    return row | {"result": "imported", "reason": ""}


def _is_there(registry: Registry, identity: str, *, is_address: bool) -> bool:
    column = AddressRow.address_id if is_address else TrunkRow.trunk_id
    with registry.database.read() as session:
        return session.scalar(select(column).where(column == identity)) is not None


def _import_address(registry: Registry, caller: Caller, entry: dict[str, Any], at: datetime) -> None:
    places = {
        "countryCode": (entry.get("country") or {}).get("code"),
        "countryRegionCode": (entry.get("region") or {}).get("code"),
    }
    create_address(registry, caller, NewAddress.model_validate(entry | places), str(entry["id"]), at)


def _import_trunk(registry: Registry, caller: Caller, entry: dict[str, Any], at: datetime) -> None:
    made = {
        name: value
        for name, value in (entry.get("provider") or {}).items()
        if name in {"outboundTerminationFQDN", "inboundTerminationIdentifier"}
    }
    imported = Imported(str(entry["id"]), at, entry.get("username"), made)
    create_trunk(registry, caller, _NEW_TRUNK.validate_python(entry), imported)


def _reason(error: Refused | ValidationError) -> str:
    if isinstance(error, Refused):
        return str(error)
    return "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors())
