"""Objections to plans: what somebody would rather have, what that costs, how it was answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAME = "designate_objections"
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """A table of their own."""
    op.create_table(
        NAME,
        sa.Column("plan_id", sa.String(length=40), nullable=False),
        sa.Column("entity", sa.String(length=200), nullable=False),
        sa.Column("service", sa.String(length=200), nullable=False),
        sa.Column("provider", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered", TIME, nullable=True),
        sa.Column("answered_by", sa.String(length=40), nullable=True),
        sa.Column("study_id", sa.String(length=40), nullable=True),
        sa.Column("decision_id", sa.String(length=40), nullable=True),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint("state IN ('open','accepted','rejected')", name=op.f(f"ck_{NAME}_state")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["designate_plans.id"], name=op.f(f"fk_{NAME}_plan_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["designate_workspaces.id"],
            name=op.f(f"fk_{NAME}_workspace_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NAME}")),
    )
    op.create_index(op.f(f"ix_{NAME}_workspace_id"), NAME, ["workspace_id"])
    op.create_index(op.f(f"ix_{NAME}_plan_id"), NAME, ["plan_id"])


def downgrade() -> None:
    """Objections are lost."""
    op.drop_table(NAME)
