"""Call routes: in which order they are looked at, what they match, where they send a call."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from pipeline.registry.tables.base import Document, Identity, Row


class RouteRow(Row):
    """One call route. `position` orders an account's routes from 1; the account's row is locked while it changes."""

    __tablename__ = "call_routes"
    __table_args__ = (
        CheckConstraint("status IN ('ENABLED', 'DISABLED')", name="status"),
        CheckConstraint("position >= 1", name="position"),
        Index("ix_call_routes_account_id", "account_id", "position"),
    )

    route_id: Mapped[str] = mapped_column(Identity, primary_key=True)
    account_id: Mapped[str] = mapped_column(Identity, ForeignKey("accounts.account_id"))
    name: Mapped[str] = mapped_column(String(255))
    criteria: Mapped[list[Document] | None]
    destinations: Mapped[list[Document]]
    transfer_only: Mapped[bool]
    status: Mapped[str] = mapped_column(String(8))
    position: Mapped[int]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
