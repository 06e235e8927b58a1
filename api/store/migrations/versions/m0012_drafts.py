"""Drafts: cells of a case as text, to be mended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NAME = "designate_drafts"
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """A table of their own."""
    op.create_table(
        NAME,
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("case_id", sa.String(length=40), nullable=True),
        sa.Column("base_revision", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed", TIME, nullable=False),
        sa.Column("changed_by", sa.String(length=40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("upload", sa.LargeBinary(), nullable=True),
        sa.Column("upload_name", sa.String(length=200), nullable=False),
        sa.Column("upload_type", sa.String(length=100), nullable=False),
        sa.Column("undecoded", sa.Boolean(), nullable=False),
        sa.Column("tables", sa.LargeBinary(), nullable=False),
        sa.Column("issues", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["designate_cases.id"], name=op.f(f"fk_{NAME}_case_id"), ondelete="CASCADE"
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
    op.create_index(op.f(f"ix_{NAME}_case_id"), NAME, ["case_id"])


def downgrade() -> None:
    """Drafts are lost."""
    op.drop_table(NAME)
