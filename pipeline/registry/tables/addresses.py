"""Service addresses: what each says now, and every version of what it said."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pipeline.registry.tables.base import Identity, Row


class _AddressText:
    """The text of an address. `country` is ISO 3166-1 alpha-2, `region` ISO 3166-2."""

    name: Mapped[str] = mapped_column(String(256))
    street: Mapped[str] = mapped_column(String(256))
    suite: Mapped[str | None] = mapped_column(String(256))
    city: Mapped[str] = mapped_column(String(256))
    post_code: Mapped[str] = mapped_column(String(32))
    country: Mapped[str] = mapped_column(String(2))
    region: Mapped[str | None] = mapped_column(String(8))


class AddressRow(_AddressText, Row):
    """An address that exists. A trunk in use refers to it, so it cannot be deleted under one."""

    __tablename__ = "service_addresses"
    __table_args__ = (
        UniqueConstraint("address_id", "account_id", name="uq_service_addresses_owner"),
        CheckConstraint("version >= 1", name="version"),
        Index("ix_service_addresses_account_id", "account_id", "created_at", "address_id"),
    )

    address_id: Mapped[str] = mapped_column(Identity, primary_key=True)
    account_id: Mapped[str] = mapped_column(Identity, ForeignKey("accounts.account_id"))
    version: Mapped[int]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class AddressVersionRow(_AddressText, Row):
    """What an address said from `effective_from` on, until its next version. Stays when the address is deleted."""

    __tablename__ = "service_address_versions"
    __table_args__ = (UniqueConstraint("address_id", "effective_from", name="uq_service_address_versions_from"),)

    address_id: Mapped[str] = mapped_column(Identity, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(Identity)
    effective_from: Mapped[datetime]
