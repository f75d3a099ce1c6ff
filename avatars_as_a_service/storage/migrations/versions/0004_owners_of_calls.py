"""owners of calls."""

import sqlalchemy as sa
from alembic import op

from avatars_as_a_service.storage.clock import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.add_column("paid_calls", sa.Column("owner", sa.String(100), nullable=True))
    op.add_column("paid_calls", sa.Column("expires_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Take the tables back to the revision before, which ends what is reserved and knows no other open call."""
    op.execute("UPDATE paid_calls SET state = 'reserved' WHERE state = 'sent'")
    op.drop_column("paid_calls", "expires_at")
    op.drop_column("paid_calls", "owner")
