"""SIP trunks: /calls/1/sip-trunks."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from pipeline.registry.api.access import DatedRegistry, TheRegistry, allowed, answer
from pipeline.registry.api.errors import documented
from pipeline.registry.api.query import Id, Part, WantedPage
from pipeline.registry.shapes.base import Page
from pipeline.registry.shapes.trunks import (
    Credentials,
    NewTrunk,
    StatusChange,
    StatusChanged,
    Trunk,
    TrunkStatus,
    TrunkUpdate,
)  # fmt: skip
from pipeline.registry.store import trunk_status, trunks
from pipeline.registry.store.desk import Caller
from pipeline.registry.store.keys import TRUNKS, TRUNKS_TOO

Reader = Annotated[Caller, Depends(allowed(TRUNKS, TRUNKS_TOO))]
Writer = Annotated[Caller, Depends(allowed(TRUNKS, TRUNKS_TOO, kind="trunk_writes"))]

router = APIRouter(prefix="/calls/1/sip-trunks", tags=["SIP trunks"])
LISTING = documented(400, 401, 403, 413, 429, 500)
ONE = documented(401, 403, 404, 413, 429, 500)
CHANGE = documented(400, 401, 403, 404, 413, 429, 500)


@router.get("", response_model=Page[Trunk], responses=LISTING)
def get_sip_trunks(registry: TheRegistry, caller: Reader, paging: WantedPage, name: Part = None) -> Response:
    """List trunks, the oldest first; `name` is a part of their names."""
    return answer(trunks.list_trunks(registry, caller, paging, name))


@router.post("", status_code=202, response_model=Trunk, responses=LISTING)
def create_sip_trunk(registry: DatedRegistry, caller: Writer, request: NewTrunk) -> Response:
    """Create a trunk. The password of a REGISTERED trunk is in this answer only."""
    return answer(trunks.create_trunk(registry, caller, request), 202)


@router.get("/{sip_trunk_id}", response_model=Trunk, responses=ONE)
def get_sip_trunk(registry: TheRegistry, caller: Reader, sip_trunk_id: Id) -> Response:
    """Read one trunk."""
    return answer(trunks.get_trunk(registry, caller, sip_trunk_id))


@router.put("/{sip_trunk_id}", status_code=202, response_model=Trunk, responses=CHANGE)
def update_sip_trunk(registry: DatedRegistry, caller: Writer, sip_trunk_id: Id, request: TrunkUpdate) -> Response:
    """Change name, channel limit and technical settings; plan, place and address are for life."""
    return answer(trunks.update_trunk(registry, caller, sip_trunk_id, request), 202)


@router.delete("/{sip_trunk_id}", status_code=202, response_model=Trunk, responses=CHANGE)
def delete_sip_trunk(registry: DatedRegistry, caller: Writer, sip_trunk_id: Id) -> Response:
    """Delete a trunk; the answer shows it as it was."""
    return answer(trunks.delete_trunk(registry, caller, sip_trunk_id), 202)


@router.get("/{sip_trunk_id}/status", response_model=TrunkStatus, responses=CHANGE)
def get_sip_trunk_status(registry: TheRegistry, caller: Reader, sip_trunk_id: Id) -> Response:
    """Read how far the last change has come, and what the SBCs report."""
    return answer(trunk_status.trunk_status(registry, caller, sip_trunk_id))


@router.post("/{sip_trunk_id}/status", response_model=StatusChanged, responses=CHANGE)
def set_sip_trunk_status(registry: DatedRegistry, caller: Writer, sip_trunk_id: Id, request: StatusChange) -> Response:
    """Let a trunk carry calls, or not."""
    return answer(trunk_status.set_trunk_status(registry, caller, sip_trunk_id, request.admin_status))


@router.post("/{sip_trunk_id}/reset-password", response_model=Credentials, responses=CHANGE)
def reset_sip_trunk_password(registry: TheRegistry, caller: Writer, sip_trunk_id: Id) -> Response:
    """Give a REGISTERED trunk a new password, shown in this answer only."""
    return answer(trunks.reset_password(registry, caller, sip_trunk_id))


@router.get("/{sip_trunk_id}/history", responses=ONE)
def get_sip_trunk_history(
    registry: TheRegistry, caller: Reader, sip_trunk_id: Id
) -> dict[str, list[dict[str, object]]]:
    """Read every version and who made it. An addition of ours to the published API."""
    return trunk_status.trunk_history(registry, caller, sip_trunk_id)
