"""Browsers that are signed in: hash of the cookie, the key that it was made with, until when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAME = "designate_sign_ins"
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """A table of their own."""
    op.create_table(
        NAME,
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("proof", sa.String(length=64), nullable=False),
        sa.Column("expires", TIME, nullable=False),
        sa.Column("ended", TIME, nullable=True),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["designate_workspaces.id"],
            name=op.f(f"fk_{NAME}_workspace_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NAME}")),
        sa.UniqueConstraint("token_hash", name=op.f(f"uq_{NAME}_token_hash")),
    )
    op.create_index(op.f(f"ix_{NAME}_workspace_id"), NAME, ["workspace_id"])
    op.create_index(op.f(f"ix_{NAME}_expires"), NAME, ["expires"])


def downgrade() -> None:
    """Everybody is signed out."""
    op.drop_table(NAME)
