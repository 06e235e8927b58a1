"""Each plan has a place in the queue that all workspaces share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STARTED = sa.text("started IS NOT NULL")
NAME = "ix_designate_plans_place"
OPEN = "('queued', 'running')"


def upgrade() -> None:
    """Plans that are open stand behind the older ones of their workspace; those that have ended stand nowhere."""
    op.add_column("designate_plans", sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE designate_plans SET place = (SELECT count(*) FROM designate_plans AS older"
        " WHERE older.workspace_id = designate_plans.workspace_id AND older.id < designate_plans.id"
        f" AND older.job_status IN {OPEN}) WHERE job_status IN {OPEN}"
    )
    op.create_index(NAME, "designate_plans", ["place"], sqlite_where=STARTED, postgresql_where=STARTED)


def downgrade() -> None:
    """Forget the places."""
    op.drop_index(NAME, "designate_plans")
    op.drop_column("designate_plans", "place")
