"""The tables of the registry, their constraints and triggers."""

import sqlalchemy as sa
from alembic import op

from pipeline.registry.migrations.guards import guards
from pipeline.registry.tables.base import Counter, Identity, Instant

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None

FIXED = {
    "trunks": [
        "account_id",
        "type",
        "package",
        "package_country",
        "plan_id",
        "location",
        "country",
        "address_id",
        "tls",
        "provider_type",
        "provider_id",
        "user_name",
        "created_at",
    ],
    "service_addresses": ["account_id", "created_at"],
}
ADDED_TO = ("trunk_versions", "service_address_versions", "audit_log")


def upgrade() -> None:
    """Create everything."""
    _accounts()
    _addresses()
    _trunks()
    _trunk_versions()
    _identities()
    _routes()
    _changes()
    for statement in guards(op.get_bind().dialect.name, FIXED, ADDED_TO):
        op.get_bind().exec_driver_sql(statement)


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("account_id", Identity, nullable=False),
        sa.Column("metered_plan", Identity, nullable=False),
        sa.Column("unlimited_plan", Identity, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_accounts")),
    )
    op.create_table(
        "api_keys",
        sa.Column("key_id", Identity, nullable=False),
        sa.Column("account_id", Identity, nullable=False),
        sa.Column("name", Identity, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name=op.f("fk_api_keys_account_id")),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
    )


def _addresses() -> None:
    op.create_table(
        "service_addresses",
        sa.Column("address_id", Identity, nullable=False),
        sa.Column("account_id", Identity, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("street", sa.String(length=256), nullable=False),
        sa.Column("suite", sa.String(length=256), nullable=True),
        sa.Column("city", sa.String(length=256), nullable=False),
        sa.Column("post_code", sa.String(length=32), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region", sa.String(length=8), nullable=True),
        sa.CheckConstraint("version >= 1", name=op.f("ck_service_addresses_version")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name=op.f("fk_service_addresses_account_id")),
        sa.PrimaryKeyConstraint("address_id", name=op.f("pk_service_addresses")),
        sa.UniqueConstraint("address_id", "account_id", name="uq_service_addresses_owner"),
    )
    op.create_index(
        "ix_service_addresses_account_id", "service_addresses", ["account_id", "created_at", "address_id"], unique=False
    )
    op.create_table(
        "service_address_versions",
        sa.Column("address_id", Identity, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", Identity, nullable=False),
        sa.Column("effective_from", Instant(), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("street", sa.String(length=256), nullable=False),
        sa.Column("suite", sa.String(length=256), nullable=True),
        sa.Column("city", sa.String(length=256), nullable=False),
        sa.Column("post_code", sa.String(length=32), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region", sa.String(length=8), nullable=True),
        sa.PrimaryKeyConstraint("address_id", "version", name=op.f("pk_service_address_versions")),
        sa.UniqueConstraint("address_id", "effective_from", name="uq_service_address_versions_from"),
    )


_TRUNK_RULES = (
    sa.CheckConstraint(
        "CASE WHEN deleted_at IS NULL THEN coalesce(address_in_use, '') = coalesce(address_id, '') "
        "ELSE address_in_use IS NULL END",
        name=op.f("ck_trunks_address_in_use"),
    ),
    sa.CheckConstraint(
        "admin_status IN ('ENABLED', 'DISABLED', 'SYSTEM_DISABLED')", name=op.f("ck_trunks_admin_status")
    ),
    sa.CheckConstraint("country <> 'US' OR address_id IS NOT NULL", name=op.f("ck_trunks_address_in_us")),
    sa.CheckConstraint(
        "package <> 'UNLIMITED' OR (package_country = 'USA' AND country = 'US')",
        name=op.f("ck_trunks_unlimited_in_usa"),
    ),
    sa.CheckConstraint("package IN ('METERED', 'UNLIMITED')", name=op.f("ck_trunks_package")),
    sa.CheckConstraint("provider_type <> 'CISCO_WEBEX' OR country = 'US'", name=op.f("ck_trunks_webex_in_usa")),
    sa.CheckConstraint(
        "type <> 'OPERATOR_CONNECT' OR address_id IS NOT NULL", name=op.f("ck_trunks_operator_connect_address")
    ),
    sa.CheckConstraint("type IN ('STATIC', 'REGISTERED', 'PROVIDER', 'OPERATOR_CONNECT')", name=op.f("ck_trunks_type")),
    sa.CheckConstraint("channel_limit BETWEEN 1 AND 1000", name=op.f("ck_trunks_channel_limit")),
    sa.CheckConstraint("length(name) BETWEEN 1 AND 128", name=op.f("ck_trunks_name")),
)


def _trunks() -> None:
    op.create_table(
        "trunks",
        sa.Column("trunk_id", Identity, nullable=False),
        sa.Column("account_id", Identity, nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("package", sa.String(length=12), nullable=False),
        sa.Column("package_country", sa.String(length=3), nullable=True),
        sa.Column("plan_id", Identity, nullable=False),
        sa.Column("location", sa.String(length=64), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("address_id", Identity, nullable=True),
        sa.Column("tls", sa.Boolean(), nullable=False),
        sa.Column("provider_type", sa.String(length=64), nullable=True),
        sa.Column("provider_id", sa.String(length=256), nullable=True),
        sa.Column("provider", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("user_name", Identity, nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("name", Identity, nullable=False),
        sa.Column("channel_limit", sa.Integer(), nullable=False),
        sa.Column("international", sa.Boolean(), nullable=False),
        sa.Column("technical", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("source_hosts", sa.JSON(), nullable=False),
        sa.Column("admin_status", sa.String(length=16), nullable=False),
        sa.Column("password_digest", sa.String(length=64), nullable=True),
        sa.Column("address_in_use", Identity, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("action_until", Instant(), nullable=False),
        sa.Column("action_reason", sa.String(length=256), nullable=True),
        sa.Column("registration", sa.String(length=12), nullable=True),
        sa.Column("active_calls", sa.Integer(), nullable=False),
        *_TRUNK_RULES,
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name=op.f("fk_trunks_account_id")),
        sa.ForeignKeyConstraint(
            ["address_in_use", "account_id"],
            ["service_addresses.address_id", "service_addresses.account_id"],
            name="fk_trunks_address_in_use",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("trunk_id", name=op.f("pk_trunks")),
        sa.UniqueConstraint("user_name", name=op.f("uq_trunks_user_name")),
    )
    op.create_index("ix_trunks_account_id", "trunks", ["account_id", "created_at", "trunk_id"], unique=False)
    op.create_index("ix_trunks_address_in_use", "trunks", ["address_in_use"], unique=False)


def _trunk_versions() -> None:
    op.create_table(
        "trunk_versions",
        sa.Column("trunk_id", Identity, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("effective_from", Instant(), nullable=False),
        sa.Column("name", Identity, nullable=False),
        sa.Column("channel_limit", sa.Integer(), nullable=False),
        sa.Column("admin_status", sa.String(length=16), nullable=False),
        sa.Column("international", sa.Boolean(), nullable=False),
        sa.Column("source_hosts", sa.JSON(), nullable=False),
        sa.Column("number_format", sa.String(length=16), nullable=False),
        sa.CheckConstraint("channel_limit BETWEEN 1 AND 1000", name=op.f("ck_trunk_versions_channel_limit")),
        sa.ForeignKeyConstraint(["trunk_id"], ["trunks.trunk_id"], name=op.f("fk_trunk_versions_trunk_id")),
        sa.PrimaryKeyConstraint("trunk_id", "version", name=op.f("pk_trunk_versions")),
        sa.UniqueConstraint("trunk_id", "effective_from", name="uq_trunk_versions_from"),
    )


def _identities() -> None:
    op.create_table(
        "identity_owners",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=256), nullable=False),
        sa.Column("account_id", Identity, nullable=False),
        sa.Column("released_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name=op.f("fk_identity_owners_account_id")),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_identity_owners")),
        sa.UniqueConstraint("kind", "value", "account_id", name="uq_identity_owners_account"),
    )
    op.create_table(
        "trunk_identities",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=256), nullable=False),
        sa.Column("trunk_id", Identity, nullable=False),
        sa.Column("account_id", Identity, nullable=False),
        sa.ForeignKeyConstraint(
            ["kind", "value", "account_id"],
            ["identity_owners.kind", "identity_owners.value", "identity_owners.account_id"],
            name="fk_trunk_identities_owner",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["trunk_id"], ["trunks.trunk_id"], name=op.f("fk_trunk_identities_trunk_id")),
        sa.PrimaryKeyConstraint("kind", "value", "trunk_id", name=op.f("pk_trunk_identities")),
    )
    op.create_index("ix_trunk_identities_trunk_id", "trunk_identities", ["trunk_id"], unique=False)
    alone = sa.text("kind <> 'HOST'")
    op.create_index(
        "uq_trunk_identities_alone",
        "trunk_identities",
        ["kind", "value"],
        unique=True,
        sqlite_where=alone,
        postgresql_where=alone,
    )


def _routes() -> None:
    op.create_table(
        "call_routes",
        sa.Column("route_id", Identity, nullable=False),
        sa.Column("account_id", Identity, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("criteria", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("destinations", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("transfer_only", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint("status IN ('ENABLED', 'DISABLED')", name=op.f("ck_call_routes_status")),
        sa.CheckConstraint("position >= 1", name=op.f("ck_call_routes_position")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name=op.f("fk_call_routes_account_id")),
        sa.PrimaryKeyConstraint("route_id", name=op.f("pk_call_routes")),
    )
    op.create_index("ix_call_routes_account_id", "call_routes", ["account_id", "position"], unique=False)


def _changes() -> None:
    op.create_table(
        "audit_log",
        sa.Column("audit_id", Counter, autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(length=256), nullable=False),
        sa.Column("account_id", Identity, nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("object_id", Identity, nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_object", "audit_log", ["kind", "object_id", "audit_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("change_id", Counter, autoincrement=True, nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("key", Identity, nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("publish_after", Instant(), nullable=False),
        sa.Column("published_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_waiting", "outbox", ["change_id"], unique=False, postgresql_where=sa.text("published_at IS NULL")
    )
