"""The two records of every change: one in the audit log for people, one in the outbox for the workers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from pipeline.registry.shapes.base import time_text
from pipeline.registry.store.desk import Caller
from pipeline.registry.tables import AuditRow, OutboxRow

SIP_TRUNKS, SERVICE_ADDRESSES, CALL_ROUTES = "sip-trunks", "service-addresses", "call-routes"
TOPICS = (SIP_TRUNKS, SERVICE_ADDRESSES, CALL_ROUTES)

_SECRETS = frozenset({"password", "secretKey"})


class Change(NamedTuple):
    """What happened to which object: CREATE, UPDATE, DELETE, ..., and the object before and after."""

    action: str
    kind: str
    object_id: str
    before: BaseModel | None = None
    after: BaseModel | None = None


def log_change(session: Session, caller: Caller, at: datetime, change: Change) -> None:
    """Add an entry to the audit log. What is secret is blotted out."""
    session.add(
        AuditRow(
            at=at, actor=caller.actor, account_id=caller.account_id, action=change.action, kind=change.kind,
            object_id=change.object_id, before=_document(change.before), after=_document(change.after),
        )
    )  # fmt: skip


def announce(session: Session, at: datetime, topic: str, key: str, value: BaseModel | None) -> None:
    """Put a record for a topic into the outbox; no value is a tombstone. Published from `at` on."""
    text = None if value is None else value.model_dump_json(by_alias=True)
    session.add(OutboxRow(topic=topic, key=key, value=text, publish_after=at, published_at=None))


def history(session: Session, caller: Caller, kind: str, object_id: str) -> list[dict[str, Any]]:
    """Who changed an object of the caller's account and when, the oldest first."""
    query = (
        select(AuditRow)
        .where(AuditRow.kind == kind, AuditRow.object_id == object_id, AuditRow.account_id == caller.account_id)
        .order_by(AuditRow.audit_id)
    )
    return [
        {"at": time_text(row.at), "actor": row.actor, "action": row.action, "changes": _changes(row)}
        for row in session.scalars(query)
    ]


def _changes(row: AuditRow) -> dict[str, Any]:
    before, after = row.before or {}, row.after or {}
    names = [name for name in (*before, *after) if before.get(name) != after.get(name)]
    return {name: {"from": before.get(name), "to": after.get(name)} for name in dict.fromkeys(names)}


def _document(shape: BaseModel | None) -> dict[str, Any] | None:
    if shape is None:
        return None
    blotted: dict[str, Any] = _blotted(shape.model_dump(mode="json", by_alias=True, exclude_none=True))
    return blotted


def _blotted(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        return {name: "***" if name in _SECRETS else _blotted(item) for name, item in value.items()}
    return [_blotted(item) for item in value] if isinstance(value, list) else value
