"""renditions."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from avatars_as_a_service.storage.clock import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MYSQL: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_engine": "InnoDB"}


def _key(length: int) -> sa.String:
    exact = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return sa.String(length).with_variant(exact, "mysql", "mariadb")


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "renditions",
        sa.Column("original", _key(64), nullable=False),
        sa.Column("format", _key(8), nullable=False),
        sa.Column("size", sa.SmallInteger(), nullable=False),
        sa.Column("digest", _key(64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["images.digest"], name=op.f("fk_renditions_digest")),
        sa.ForeignKeyConstraint(["original"], ["images.digest"], name=op.f("fk_renditions_original")),
        sa.PrimaryKeyConstraint("original", "format", "size", name=op.f("pk_renditions")),
        **_MYSQL,
    )
    op.create_index(op.f("ix_renditions_digest"), "renditions", ["digest"], unique=False)


def downgrade() -> None:
    """Take the tables back to the revision before."""
    op.drop_table("renditions")
