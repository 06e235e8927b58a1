"""Whose key it is: keys that replace one another are one person's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEYS = sa.table("designate_api_keys", sa.column("id"), sa.column("person"))


def upgrade() -> None:
    """Every key there is is a person of its own; so answers kept for it are found again."""
    with op.batch_alter_table("designate_api_keys") as table:
        table.add_column(sa.Column("person", sa.String(length=40), nullable=True))
    op.execute(KEYS.update().values(person=KEYS.c.id))
    with op.batch_alter_table("designate_api_keys") as table:
        table.alter_column("person", existing_type=sa.String(length=40), nullable=False)
        table.create_index(op.f("ix_designate_api_keys_person"), ["person"])


def downgrade() -> None:
    """Forget whose keys are whose."""
    with op.batch_alter_table("designate_api_keys") as table:
        table.drop_index(op.f("ix_designate_api_keys_person"))
        table.drop_column("person")
