"""keys and purges."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from avatars_as_a_service.storage.clock import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MYSQL: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_engine": "InnoDB"}


def _key(length: int) -> sa.String:
    exact = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return sa.String(length).with_variant(exact, "mysql", "mariadb")


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "api_keys",
        sa.Column("name", _key(40), nullable=False),
        sa.Column("hash", _key(64), nullable=False),
        sa.Column("daily_micro_usd", sa.BigInteger(), nullable=True),
        sa.Column("monthly_micro_usd", sa.BigInteger(), nullable=True),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("origins", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_api_keys")),
        **_MYSQL,
    )
    op.create_table(
        "descriptions",
        sa.Column("digest", _key(64), nullable=False),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_descriptions")),
        **_MYSQL,
    )
    op.create_index(op.f("ix_descriptions_drawn_at"), "descriptions", ["drawn_at"], unique=False)
    op.create_table(
        "gone",
        sa.Column("digest", _key(64), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("gone_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_gone")),
        **_MYSQL,
    )
    op.create_index(op.f("ix_gone_generation"), "gone", ["generation"], unique=False)
    op.add_column("paid_calls", sa.Column("payer", _key(40), nullable=True))
    with op.batch_alter_table("budgets") as budgets:
        budgets.alter_column("name", existing_type=_key(16), type_=_key(64), existing_nullable=False)


def downgrade() -> None:
    """Take the tables back to the revision before."""
    op.execute("DELETE FROM budgets WHERE name LIKE '%/%'")
    with op.batch_alter_table("budgets") as budgets:
        budgets.alter_column("name", existing_type=_key(64), type_=_key(16), existing_nullable=False)
    op.drop_column("paid_calls", "payer")
    op.drop_table("gone")
    op.drop_table("descriptions")
    op.drop_table("api_keys")
