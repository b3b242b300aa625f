"""What the provider's staff do for accounts: /staff/1, an API of our own, for keys with the scope registry:staff."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from pipeline.registry.api.access import DatedRegistry, TheRegistry, allowed, answer
from pipeline.registry.api.errors import documented
from pipeline.registry.api.query import Id
from pipeline.registry.imports import import_entries
from pipeline.registry.shapes.staff import (
    Account,
    AccountChange,
    Import,
    ImportResult,
    KeyRequest,
    KeyShown,
    TrunkStatusChange,
)
from pipeline.registry.shapes.trunks import StatusChanged
from pipeline.registry.store.accounts import get_account
from pipeline.registry.store.desk import Caller
from pipeline.registry.store.keys import SCOPES, STAFF, create_key, open_account, revoke_key
from pipeline.registry.store.trunk_status import set_status_as_staff

Reader = Annotated[Caller, Depends(allowed(STAFF))]
Writer = Annotated[Caller, Depends(allowed(STAFF, kind="trunk_writes"))]

router = APIRouter(prefix="/staff/1", tags=["Staff"])
ERRORS = documented(400, 401, 403, 404, 413, 429, 500)


@router.get("/accounts/{account_id}", response_model=Account, responses=ERRORS)
def read_account(registry: TheRegistry, _caller: Reader, account_id: Id) -> Response:
    """Read the plans, the trunk limit and the number of trunks of an account."""
    return answer(get_account(registry, account_id))


@router.put("/accounts/{account_id}", response_model=Account, responses=ERRORS)
def set_account(registry: TheRegistry, _caller: Writer, account_id: Id, request: AccountChange) -> Response:
    """Open an account, or change what is named; trunks that exist keep their plans."""
    open_account(registry, account_id, request.metered_plan, request.unlimited_plan, request.trunk_limit)
    return answer(get_account(registry, account_id))


@router.post("/accounts/{account_id}/keys", status_code=201, response_model=KeyShown, responses=ERRORS)
def issue_key(registry: TheRegistry, _caller: Writer, account_id: Id, request: KeyRequest) -> Response:
    """Issue a key. Its text is in this answer only."""
    new = create_key(registry, account_id, request.name, request.scopes or SCOPES)
    return answer(KeyShown(key_id=new.key_id, account_id=account_id, key=new.key), 201)


@router.delete("/keys/{key_id}", status_code=204, responses=ERRORS)
def end_key(registry: TheRegistry, _caller: Writer, key_id: Id) -> Response:
    """Let a key open nothing from now on."""
    revoke_key(registry, key_id)
    return Response(status_code=204)


@router.post("/accounts/{account_id}/trunks/{trunk_id}/status", response_model=StatusChanged, responses=ERRORS)
def set_status(
    registry: DatedRegistry, caller: Writer, account_id: Id, trunk_id: Id, request: TrunkStatusChange
) -> Response:
    """Let a trunk carry calls, or not; a trunk that is SYSTEM_DISABLED is enabled again here only."""
    get_account(registry, account_id)
    owner = Caller(account_id, caller.actor)
    return answer(set_status_as_staff(registry, owner, trunk_id, request.admin_status))


@router.post("/accounts/{account_id}/import", response_model=ImportResult, responses=ERRORS)
def take_over(registry: DatedRegistry, caller: Writer, account_id: Id, request: Import) -> Response:
    """Take over a list of addresses or trunks as GET gives them, ids included. What is there already is left alone."""
    get_account(registry, account_id)
    owner = Caller(account_id, caller.actor)
    return answer(ImportResult(results=import_entries(registry, owner, request.results)))
