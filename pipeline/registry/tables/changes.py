"""What happened: the audit log for people, the outbox for the workers. Both are written with the change itself."""

from datetime import datetime

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from pipeline.registry.tables.base import Counter, Document, Identity, Row


class AuditRow(Row):
    """Who changed what and when, with the object before and after. Passwords and keys are never in it."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_object", "kind", "object_id", "audit_id"),)

    audit_id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(256))
    account_id: Mapped[str] = mapped_column(Identity)
    action: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[str] = mapped_column(Identity)
    before: Mapped[Document | None]
    after: Mapped[Document | None]


class OutboxRow(Row):
    """A record for a compacted topic; `value` is None for a tombstone, which may wait until `publish_after`."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_waiting", "change_id", postgresql_where=text("published_at IS NULL")),
        {"sqlite_autoincrement": True},
    )

    change_id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    topic: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(Identity)
    value: Mapped[str | None] = mapped_column(Text)
    publish_after: Mapped[datetime]
    published_at: Mapped[datetime | None]
