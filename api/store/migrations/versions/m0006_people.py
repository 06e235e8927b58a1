"""Whose key it is: keys that replace one another are one person's. Webhooks: one message at a time for a target."""

from __future__ import annotations

from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
HOOKS = sa.table("designate_webhooks", sa.column("id"), sa.column("url"), sa.column("target"))
KEYS = sa.table("designate_api_keys", sa.column("id"), sa.column("person"))


def upgrade() -> None:
    """Every key there is is a person of its own, so that answers kept for it are found again; targets are read off."""
    _webhooks()
    with op.batch_alter_table("designate_api_keys") as table:
        table.add_column(sa.Column("person", sa.String(length=40), nullable=True))
    op.execute(KEYS.update().values(person=KEYS.c.id))
    with op.batch_alter_table("designate_api_keys") as table:
        table.alter_column("person", existing_type=sa.String(length=40), nullable=False)
        table.create_index(op.f("ix_designate_api_keys_person"), ["person"])


def _webhooks() -> None:
    with op.batch_alter_table("designate_webhooks") as table:
        table.add_column(sa.Column("target", sa.String(length=300), nullable=True))
        table.add_column(sa.Column("old_secret", sa.String(length=100), nullable=True))
        for name in ("old_secret_until", "switched_off", "busy_until"):
            table.add_column(sa.Column(name, TIME, nullable=True))
    bind = op.get_bind()
    for id_, url in bind.execute(sa.select(HOOKS.c.id, HOOKS.c.url)).all():
        parts = urlsplit(url)
        target = f"{parts.hostname}:{parts.port or (80 if parts.scheme == 'http' else 443)}"
        bind.execute(HOOKS.update().where(HOOKS.c.id == id_).values(target=target[:300]))
    with op.batch_alter_table("designate_webhooks") as table:
        table.alter_column("target", existing_type=sa.String(length=300), nullable=False)
        table.create_index(op.f("ix_designate_webhooks_target"), ["target"])
    with op.batch_alter_table("designate_deliveries") as table:
        table.add_column(sa.Column("in_line", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Forget whose keys are whose, and targets."""
    with op.batch_alter_table("designate_deliveries") as table:
        table.drop_column("in_line")
    with op.batch_alter_table("designate_webhooks") as table:
        table.drop_index(op.f("ix_designate_webhooks_target"))
        for name in ("target", "old_secret", "old_secret_until", "switched_off", "busy_until"):
            table.drop_column(name)
    with op.batch_alter_table("designate_api_keys") as table:
        table.drop_index(op.f("ix_designate_api_keys_person"))
        table.drop_column("person")
