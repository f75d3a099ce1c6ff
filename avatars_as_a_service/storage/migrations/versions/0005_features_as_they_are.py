"""features as they are."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    exact = mysql.TEXT(charset="ascii", collation="ascii_bin")
    kind = sa.Text().with_variant(exact, "mysql", "mariadb")
    op.add_column("avatars", sa.Column("features", kind, nullable=True))


def downgrade() -> None:
    """Take the tables back to the revision before, which reads the features that have a column of their own."""
    op.drop_column("avatars", "features")
