"""Operator Connect trunks: /operator-connect/1/trunks, an endpoint of our own.

No published shape has this kind of trunk, and the official client cannot read a page that holds one.
"""

from fastapi import APIRouter, Response

from pipeline.registry.api.access import DatedRegistry, TheRegistry, answer
from pipeline.registry.api.query import Id, Part, WantedPage
from pipeline.registry.api.trunks import CHANGE, LISTING, ONE, Reader, Writer
from pipeline.registry.shapes.base import Page
from pipeline.registry.shapes.trunks import (
    NewOperatorConnectTrunk,
    OperatorConnectTrunkUpdate,
    StatusChange,
    StatusChanged,
    Trunk,
    TrunkStatus,
)
from pipeline.registry.store import trunk_status, trunks

router = APIRouter(prefix="/operator-connect/1/trunks", tags=["Operator Connect"])


@router.get("", response_model=Page[Trunk], responses=LISTING)
def get_operator_connect_trunks(
    registry: TheRegistry, caller: Reader, paging: WantedPage, name: Part = None
) -> Response:
    """List trunks, the oldest first."""
    return answer(trunks.list_trunks(registry, caller, paging, name, operator_connect=True))


@router.post("", status_code=202, response_model=Trunk, responses=LISTING)
def create_operator_connect_trunk(
    registry: DatedRegistry, caller: Writer, request: NewOperatorConnectTrunk
) -> Response:
    """Create a trunk for a Microsoft tenant; it needs a service address."""
    return answer(trunks.create_trunk(registry, caller, request), 202)


@router.get("/{trunk_id}", response_model=Trunk, responses=ONE)
def get_operator_connect_trunk(registry: TheRegistry, caller: Reader, trunk_id: Id) -> Response:
    """Read one trunk."""
    return answer(trunks.get_trunk(registry, caller, trunk_id, operator_connect=True))


@router.put("/{trunk_id}", status_code=202, response_model=Trunk, responses=CHANGE)
def update_operator_connect_trunk(
    registry: DatedRegistry, caller: Writer, trunk_id: Id, request: OperatorConnectTrunkUpdate
) -> Response:
    """Change name and channel limit."""
    return answer(trunks.update_trunk(registry, caller, trunk_id, request, operator_connect=True), 202)


@router.delete("/{trunk_id}", status_code=202, response_model=Trunk, responses=CHANGE)
def delete_operator_connect_trunk(registry: DatedRegistry, caller: Writer, trunk_id: Id) -> Response:
    """Delete a trunk; the answer shows it as it was."""
    return answer(trunks.delete_trunk(registry, caller, trunk_id, operator_connect=True), 202)


@router.get("/{trunk_id}/status", response_model=TrunkStatus, responses=CHANGE)
def get_operator_connect_trunk_status(registry: TheRegistry, caller: Reader, trunk_id: Id) -> Response:
    """Read how far the last change has come."""
    return answer(trunk_status.trunk_status(registry, caller, trunk_id, operator_connect=True))


@router.post("/{trunk_id}/status", response_model=StatusChanged, responses=CHANGE)
def set_operator_connect_trunk_status(
    registry: DatedRegistry, caller: Writer, trunk_id: Id, request: StatusChange
) -> Response:
    """Let a trunk carry calls, or not."""
    wanted = request.admin_status
    return answer(trunk_status.set_trunk_status(registry, caller, trunk_id, wanted, operator_connect=True))
