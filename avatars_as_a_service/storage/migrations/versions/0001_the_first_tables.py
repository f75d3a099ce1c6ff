"""the first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from avatars_as_a_service.storage.clock import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MYSQL: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_engine": "InnoDB"}


def _key(length: int) -> sa.String:
    exact = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return sa.String(length).with_variant(exact, "mysql", "mariadb")


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "budgets",
        sa.Column("name", _key(16), nullable=False),
        sa.Column("reserved_micro_usd", sa.BigInteger(), nullable=False),
        sa.Column("spent_micro_usd", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_budgets")),
        **_MYSQL,
    )
    op.create_table(
        "claims",
        sa.Column("subject", _key(32), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("fence", _key(32), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_claims")),
        **_MYSQL,
    )
    op.create_table(
        "generation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generation")),
        **_MYSQL,
    )
    op.create_table(
        "hourly_sums",
        sa.Column("hour", UtcDateTime(), nullable=False),
        sa.Column("hits", sa.BigInteger(), nullable=False),
        sa.Column("misses", sa.BigInteger(), nullable=False),
        sa.Column("stand_ins", sa.BigInteger(), nullable=False),
        sa.Column("saved_micro_usd", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour", name=op.f("pk_hourly_sums")),
        **_MYSQL,
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("subject", _key(32), nullable=False),
        sa.Column("body_hash", _key(64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_idempotency_keys")),
        **_MYSQL,
    )
    op.create_index(op.f("ix_idempotency_keys_expires_at"), "idempotency_keys", ["expires_at"], unique=False)
    op.create_table(
        "images",
        sa.Column("digest", _key(64), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb"), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_images")),
        **_MYSQL,
    )
    op.create_table(
        "paid_calls",
        sa.Column("id", _key(32), nullable=False),
        sa.Column("subject", _key(32), nullable=True),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("bound_micro_usd", sa.BigInteger(), nullable=False),
        sa.Column("cost_micro_usd", sa.BigInteger(), nullable=False),
        sa.Column("day", _key(16), nullable=False),
        sa.Column("month", _key(16), nullable=False),
        sa.Column("request_id", sa.String(length=200), nullable=True),
        sa.Column("outcome", sa.String(length=50), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("reserved_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paid_calls")),
        **_MYSQL,
    )
    op.create_index(op.f("ix_paid_calls_state"), "paid_calls", ["state", "reserved_at"], unique=False)
    op.create_table(
        "refusals",
        sa.Column("subject", _key(32), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("refused_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_refusals")),
        **_MYSQL,
    )
    op.create_table(
        "avatars",
        sa.Column("image_hash", _key(32), nullable=False),
        sa.Column("digest", _key(64), nullable=False),
        sa.Column("mood", sa.String(length=16), nullable=False),
        sa.Column("head_shape", sa.String(length=16), nullable=True),
        sa.Column("skin_tone", sa.String(length=16), nullable=True),
        sa.Column("smile_type", sa.String(length=16), nullable=True),
        sa.Column("nose_type", sa.String(length=16), nullable=True),
        sa.Column("eye_color", sa.String(length=16), nullable=True),
        sa.Column("glasses", sa.Boolean(), nullable=False),
        sa.Column("variant", sa.SmallInteger(), nullable=False),
        sa.Column("edition", sa.String(length=50), nullable=False),
        sa.Column("artist", sa.String(length=16), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("prompt_version", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("quality", sa.String(length=20), nullable=False),
        sa.Column("cost_micro_usd", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["images.digest"], name=op.f("fk_avatars_digest")),
        sa.PrimaryKeyConstraint("image_hash", name=op.f("pk_avatars")),
        **_MYSQL,
    )
    op.create_index(op.f("ix_avatars_created_at"), "avatars", ["created_at"], unique=False)
    op.create_index(op.f("ix_avatars_digest"), "avatars", ["digest"], unique=False)


def downgrade() -> None:
    """Take the tables back to the revision before."""
    op.drop_table("avatars")
    op.drop_table("refusals")
    op.drop_table("paid_calls")
    op.drop_table("images")
    op.drop_table("idempotency_keys")
    op.drop_table("hourly_sums")
    op.drop_table("generation")
    op.drop_table("claims")
    op.drop_table("budgets")
