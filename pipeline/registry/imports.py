"""Taking over the provider's own lists: service addresses and SIP trunks as GET gives them, ids included.

Lists say nothing of the past, so everything begins at one instant. An entry that is there already is left alone, so a
list can be imported again after a mistake was corrected. Two fields are ours: `numbers`, the DIDs of a trunk, and
`planId`, its plan where that is not the account's.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from pipeline.registry.problems import Refused
from pipeline.registry.rules.text import ShortText
from pipeline.registry.shapes.addresses import NewAddress
from pipeline.registry.shapes.staff import Imported as ImportedEntry
from pipeline.registry.shapes.trunks import NewOperatorConnectTrunk, NewTrunk
from pipeline.registry.store.addresses import create_address
from pipeline.registry.store.desk import Caller, Registry
from pipeline.registry.store.trunks import Imported, create_trunk
from pipeline.registry.tables import AddressRow, TrunkRow

Identity = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$")]
Number = Annotated[str, Field(pattern=r"^\+[0-9]{7,15}$")]

_NEW_TRUNK: TypeAdapter[Any] = TypeAdapter(Annotated[NewTrunk | NewOperatorConnectTrunk, Field(discriminator="type")])
_MADE: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, ShortText])
_MADE_HERE = ("outboundTerminationFQDN", "inboundTerminationIdentifier")


class _Known(BaseModel):
    """What a list says of a trunk that a request to create one cannot say."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True)

    username: ShortText | None = None
    numbers: list[Number] = []
    plan_id: ShortText | None = None


def import_entries(registry: Registry, caller: Caller, entries: Iterable[Mapping[str, Any]]) -> list[ImportedEntry]:
    """Take over entries for an account that is open; return what became of each.

    Trunks must come after the addresses that they use.
    """
    at = registry.now()
    return [_import(registry, caller, dict(entry), at) for entry in entries]


def _import(registry: Registry, caller: Caller, entry: dict[str, Any], at: datetime) -> ImportedEntry:
    is_address = "street" in entry
    row = ImportedEntry(
        kind="address" if is_address else "trunk", id=_shown(entry.get("id")), name=_shown(entry.get("name")),
        result="imported", reason="",
    )  # fmt: skip
    try:
        identity = TypeAdapter(Identity).validate_python(entry.get("id"))
        if _is_there(registry, identity, is_address=is_address):
            return row.model_copy(update={"result": "there already"})
        if is_address:
            _import_address(registry, caller, entry, at)
        else:
            _import_trunk(registry, caller, entry, at)
    except (Refused, ValidationError) as error:
        return row.model_copy(update={"result": "refused", "reason": _reason(error)})
    except IntegrityError:  # two requests brought it at the same time, and the other one was faster
        return row.model_copy(update={"result": "there already"})
    return row


def _shown(value: object) -> str:
    """What an entry calls itself, whatever that is; half a surrogate pair could not be answered."""
    return str(value).encode(errors="replace").decode()


def _is_there(registry: Registry, identity: str, *, is_address: bool) -> bool:
    column = AddressRow.address_id if is_address else TrunkRow.trunk_id
    with registry.database.read() as session:
        return session.scalar(select(column).where(column == identity)) is not None


def _import_address(registry: Registry, caller: Caller, entry: dict[str, Any], at: datetime) -> None:
    places = {
        "countryCode": _code(entry, "country"),
        "countryRegionCode": _code(entry, "region"),
    }
    create_address(registry, caller, NewAddress.model_validate(entry | places), entry["id"], at)


def _code(entry: Mapping[str, Any], name: str) -> object:
    place = entry.get(name)
    return place.get("code") if isinstance(place, Mapping) else place


def _import_trunk(registry: Registry, caller: Caller, entry: dict[str, Any], at: datetime) -> None:
    request, known = _NEW_TRUNK.validate_python(entry), _Known.model_validate(entry)
    provider = entry["provider"] if request.type == "PROVIDER" else {}
    made = _MADE.validate_python({name: provider[name] for name in _MADE_HERE if provider.get(name)})
    imported = Imported(entry["id"], at, known.username, made, known.numbers, known.plan_id)
    create_trunk(registry, caller, request, imported)


def _reason(error: Refused | ValidationError) -> str:
    if isinstance(error, Refused):
        return str(error)
    return "; ".join(f"{_path(problem['loc'])}: {problem['msg']}" for problem in error.errors())


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "id"
