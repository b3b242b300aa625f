"""Accounts and the keys that act for them."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from pipeline.registry.tables.base import Identity, Row


class AccountRow(Row):
    """Who owns trunks, and the plans of new ones. Locked while the order of its call routes changes."""

    __tablename__ = "accounts"

    account_id: Mapped[str] = mapped_column(Identity, primary_key=True)
    metered_plan: Mapped[str] = mapped_column(Identity)
    unlimited_plan: Mapped[str] = mapped_column(Identity)
    trunk_limit: Mapped[int | None]
    created_at: Mapped[datetime]


class ShareRow(Row):
    """How much of its rate limit a key has used, counted for all servers: when the whole share will be back.

    `whole_at` is in nanoseconds since 1970.
    """

    __tablename__ = "rate_shares"

    key_id: Mapped[str] = mapped_column(Identity, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    whole_at: Mapped[int] = mapped_column(BigInteger)


class KeyRow(Row):
    """An App key: the SHA-256 of its text, never the text."""

    __tablename__ = "api_keys"

    key_id: Mapped[str] = mapped_column(Identity, primary_key=True)
    account_id: Mapped[str] = mapped_column(Identity, ForeignKey("accounts.account_id"))
    name: Mapped[str] = mapped_column(String(128))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
