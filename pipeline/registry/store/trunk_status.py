"""Whether a trunk may carry calls, how far its last change has come, and what it was over time."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipeline.registry.problems import NotFound, Refused
from pipeline.registry.shapes.base import time_text
from pipeline.registry.shapes.trunks import StatusChanged, TrunkStatus
from pipeline.registry.store.changes import Change, history
from pipeline.registry.store.desk import Caller, Registry
from pipeline.registry.store.trunk_rows import KIND, begin_action, find, versions_of, write_down
from pipeline.registry.store.trunk_shapes import OPERATOR_CONNECT, status_shape, trunk_shape
from pipeline.registry.tables import TrunkRow

ENABLED, DISABLED, SYSTEM_DISABLED = "ENABLED", "DISABLED", "SYSTEM_DISABLED"


def trunk_status(registry: Registry, caller: Caller, trunk_id: str, *, operator_connect: bool = False) -> TrunkStatus:
    """The status of a trunk; of a deleted one for as long as its deletion runs, then NotFound."""
    now = registry.clock()
    mine = (TrunkRow.trunk_id == trunk_id, TrunkRow.account_id == caller.account_id)
    with registry.database.read() as session:
        row = session.scalar(select(TrunkRow).where(*mine))
        if (
            row is None
            or (row.type == OPERATOR_CONNECT) is not operator_connect
            or (row.deleted_at is not None and now >= row.action_until)
        ):
            raise NotFound(KIND, trunk_id)
        return status_shape(row, now)


def set_trunk_status(
    registry: Registry, caller: Caller, trunk_id: str, admin_status: str, *, operator_connect: bool = False
) -> StatusChanged:
    """Let a trunk carry calls from now on, or no longer. Refused while the provider itself has disabled it."""

    def work(session: Session) -> StatusChanged:
        row = find(session, caller, trunk_id, operator_connect=operator_connect, lock=True)
        if row.admin_status == SYSTEM_DISABLED:
            raise Refused.at("adminStatus", "The provider has disabled this trunk, and only the provider enables it.")
        return _set(registry, session, caller, row, admin_status)

    return registry.database.write(work)


def set_status_as_staff(registry: Registry, caller: Caller, trunk_id: str, admin_status: str) -> StatusChanged:
    """The same by the provider's staff, who alone may set SYSTEM_DISABLED and take it back. For trunks of any kind."""

    def work(session: Session) -> StatusChanged:
        mine = (TrunkRow.trunk_id == trunk_id, TrunkRow.account_id == caller.account_id, TrunkRow.deleted_at.is_(None))
        row = session.scalar(select(TrunkRow).where(*mine).with_for_update())
        if row is None:
            raise NotFound(KIND, trunk_id)
        return _set(registry, session, caller, row, admin_status)

    return registry.database.write(work)


def _set(registry: Registry, session: Session, caller: Caller, row: TrunkRow, admin_status: str) -> StatusChanged:
    if row.admin_status != admin_status:
        before = trunk_shape(registry, row)
        begin_action(registry, row, "UPDATING")
        row.admin_status = admin_status
        write_down(registry, session, row, caller, Change(admin_status, KIND, row.trunk_id, before))
    return StatusChanged.model_validate({"adminStatus": admin_status})


def trunk_history(registry: Registry, caller: Caller, trunk_id: str) -> dict[str, list[dict[str, Any]]]:
    """What of a trunk moved money, from when on, and who changed it. Deleted trunks are included."""
    mine = (TrunkRow.trunk_id == trunk_id, TrunkRow.account_id == caller.account_id)
    with registry.database.read() as session:
        if session.scalar(select(TrunkRow.trunk_id).where(*mine)) is None:
            raise NotFound(KIND, trunk_id)
        versions = [
            {
                "version": row.version, "effectiveFrom": time_text(row.effective_from), "name": row.name,
                "channelLimit": row.channel_limit, "adminStatus": row.admin_status,
                "internationalCallsAllowed": row.international, "sourceHosts": row.source_hosts,
                "numberFormat": row.number_format,
            }
            for row in versions_of(session, trunk_id)
        ]  # fmt: skip
        return {"versions": versions, "changes": history(session, caller, KIND, trunk_id)}
