"""Trunks, what of them moves money and when, and what they are found by."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from pipeline.registry.tables.base import Document, Identity, Row

CHANNELS_MIN, CHANNELS_MAX = 1, 1000
HOST, PROVIDER, NUMBER = "HOST", "PROVIDER", "NUMBER"
NOT_A_HOST = f"kind <> '{HOST}'"

RULES = {
    "channel_limit": f"channel_limit BETWEEN {CHANNELS_MIN} AND {CHANNELS_MAX}",
    "name": "length(name) BETWEEN 1 AND 128",
    "type": "type IN ('STATIC', 'REGISTERED', 'PROVIDER', 'OPERATOR_CONNECT')",
    "package": "package IN ('METERED', 'UNLIMITED')",
    "admin_status": "admin_status IN ('ENABLED', 'DISABLED', 'SYSTEM_DISABLED')",
    "unlimited_in_usa": "package <> 'UNLIMITED' OR (package_country = 'USA' AND country = 'US')",
    "webex_in_usa": "provider_type <> 'CISCO_WEBEX' OR country = 'US'",
    "address_in_us": "country <> 'US' OR address_id IS NOT NULL",
    "operator_connect_address": "type <> 'OPERATOR_CONNECT' OR address_id IS NOT NULL",
    # The address is referred to exactly as long as the trunk lives.
    "address_in_use": "CASE WHEN deleted_at IS NULL THEN coalesce(address_in_use, '') = coalesce(address_id, '') "
    "ELSE address_in_use IS NULL END",
}
"""PRODUCT rules of trunks as the database checks them, whoever writes."""


class TrunkRow(Row):
    """A customer's SIP connection as it is. One that was deleted stays, for records that arrive late."""

    __tablename__ = "trunks"
    __table_args__ = (
        *(CheckConstraint(rule, name=name) for name, rule in RULES.items()),
        ForeignKeyConstraint(
            ["address_in_use", "account_id"],
            ["service_addresses.address_id", "service_addresses.account_id"],
            name="fk_trunks_address_in_use",
            ondelete="RESTRICT",
        ),
        Index("ix_trunks_account_id", "account_id", "created_at", "trunk_id"),
        Index("ix_trunks_address_in_use", "address_in_use"),
    )

    trunk_id: Mapped[str] = mapped_column(Identity, primary_key=True)
    # -- for life: a trigger refuses any change
    account_id: Mapped[str] = mapped_column(Identity, ForeignKey("accounts.account_id"))
    type: Mapped[str] = mapped_column(String(20))
    package: Mapped[str] = mapped_column(String(12))
    package_country: Mapped[str | None] = mapped_column(String(3))
    plan_id: Mapped[str] = mapped_column(Identity)
    location: Mapped[str] = mapped_column(String(64))
    country: Mapped[str] = mapped_column(String(2))
    address_id: Mapped[str | None] = mapped_column(Identity)
    tls: Mapped[bool]
    provider_type: Mapped[str | None] = mapped_column(String(64))
    provider_id: Mapped[str | None] = mapped_column(String(256))
    provider: Mapped[Document | None]
    user_name: Mapped[str | None] = mapped_column(String(128), unique=True)
    created_at: Mapped[datetime]
    # -- may change
    name: Mapped[str] = mapped_column(String(128))
    channel_limit: Mapped[int]
    international: Mapped[bool]
    technical: Mapped[Document]
    source_hosts: Mapped[list[str]]
    numbers: Mapped[list[str]]
    admin_status: Mapped[str] = mapped_column(String(16))
    password_digest: Mapped[str | None] = mapped_column(String(64))
    address_in_use: Mapped[str | None] = mapped_column(Identity)
    # -- its last change
    version: Mapped[int]
    changed_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    action: Mapped[str] = mapped_column(String(12))
    action_until: Mapped[datetime]
    action_reason: Mapped[str | None] = mapped_column(String(256))
    # -- as the SBCs report it
    registration: Mapped[str | None] = mapped_column(String(12))
    active_calls: Mapped[int]


class TrunkVersionRow(Row):
    """What of a trunk moves money or finds its calls, from `effective_from` on, until its next version."""

    __tablename__ = "trunk_versions"
    __table_args__ = (
        UniqueConstraint("trunk_id", "effective_from", name="uq_trunk_versions_from"),
        CheckConstraint(RULES["channel_limit"], name="channel_limit"),
    )

    trunk_id: Mapped[str] = mapped_column(Identity, ForeignKey("trunks.trunk_id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    effective_from: Mapped[datetime]
    name: Mapped[str] = mapped_column(String(128))
    channel_limit: Mapped[int]
    admin_status: Mapped[str] = mapped_column(String(16))
    international: Mapped[bool]
    source_hosts: Mapped[list[str]]
    number_format: Mapped[str] = mapped_column(String(16))


class IdentityOwnerRow(Row):
    """The one account that an identity belongs to: a source host, or a provider's identifier.

    It stays with that account after its last trunk has released it, until another account's trunk may claim it.
    """

    __tablename__ = "identity_owners"
    __table_args__ = (UniqueConstraint("kind", "value", "account_id", name="uq_identity_owners_account"),)

    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(String(256), primary_key=True)
    account_id: Mapped[str] = mapped_column(Identity, ForeignKey("accounts.account_id"))
    released_at: Mapped[datetime | None]


class TrunkIdentityRow(Row):
    """A living trunk is found by this identity; the foreign key lets no second account have it."""

    __tablename__ = "trunk_identities"
    __table_args__ = (
        ForeignKeyConstraint(
            ["kind", "value", "account_id"],
            ["identity_owners.kind", "identity_owners.value", "identity_owners.account_id"],
            name="fk_trunk_identities_owner",
            ondelete="RESTRICT",
        ),
        Index("ix_trunk_identities_trunk_id", "trunk_id"),
        # Trunks of one account may share a source host; any other identity finds one trunk alone.
        Index(
            "uq_trunk_identities_alone",
            "kind",
            "value",
            unique=True,
            sqlite_where=text(NOT_A_HOST),
            postgresql_where=text(NOT_A_HOST),
        ),
    )

    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(String(256), primary_key=True)
    trunk_id: Mapped[str] = mapped_column(Identity, ForeignKey("trunks.trunk_id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(Identity)
