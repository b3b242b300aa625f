"""Numbers of trunks, trunk limits of accounts, and rate limits that all servers count together."""

import sqlalchemy as sa
from alembic import op

from pipeline.registry.tables.base import Identity

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty for what is there, and the table."""
    op.add_column("accounts", sa.Column("trunk_limit", sa.Integer(), nullable=True))
    op.add_column("trunks", sa.Column("numbers", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "rate_shares",
        sa.Column("key_id", Identity, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("whole_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "kind", name=op.f("pk_rate_shares")),
    )
