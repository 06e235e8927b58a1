"""Events of missions, schedules, webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Make the tables, and what belongs to them."""
    op.create_table(
        "designate_schedules",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("cron", sa.String(length=100), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("last_run", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_run", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["designate_workspaces.id"],
            name=op.f("fk_designate_schedules_workspace_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designate_schedules")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_designate_schedules_workspace_id_name")),
    )
    op.create_index(op.f("ix_designate_schedules_next_run"), "designate_schedules", ["next_run"], unique=False)
    op.create_index(op.f("ix_designate_schedules_workspace_id"), "designate_schedules", ["workspace_id"], unique=False)
    op.create_table(
        "designate_webhooks",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.String(length=100), nullable=False),
        sa.Column("topics", JSON, nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["designate_workspaces.id"],
            name=op.f("fk_designate_webhooks_workspace_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designate_webhooks")),
    )
    op.create_index(op.f("ix_designate_webhooks_workspace_id"), "designate_webhooks", ["workspace_id"], unique=False)
    op.create_table(
        "designate_deliveries",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("webhook_id", sa.String(length=40), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('waiting','delivered','dead')", name=op.f("ck_designate_deliveries_status")),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["designate_webhooks.id"],
            name=op.f("fk_designate_deliveries_webhook_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designate_deliveries")),
    )
    op.create_index(op.f("ix_designate_deliveries_status_due"), "designate_deliveries", ["status", "due"], unique=False)
    op.create_index(op.f("ix_designate_deliveries_webhook_id"), "designate_deliveries", ["webhook_id"], unique=False)
    op.create_table(
        "designate_events",
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("entity", sa.String(length=200), nullable=False),
        sa.Column("effective", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("batch", sa.String(length=40), nullable=False),
        sa.Column("move_budget", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("from_plan_id", sa.String(length=40), nullable=True),
        sa.Column("plan_id", sa.String(length=40), nullable=True),
        sa.Column("comparison_id", sa.String(length=40), nullable=True),
        sa.Column("outcome", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint("kind IN ('start','change','close')", name=op.f("ck_designate_events_kind")),
        sa.CheckConstraint(
            "status IN ('received','applied','solving','done','failed')", name=op.f("ck_designate_events_status")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["designate_cases.id"], name=op.f("fk_designate_events_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["designate_workspaces.id"],
            name=op.f("fk_designate_events_workspace_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designate_events")),
        sa.UniqueConstraint("case_id", "fingerprint", name=op.f("uq_designate_events_case_id_fingerprint")),
    )
    op.create_index(op.f("ix_designate_events_case_id"), "designate_events", ["case_id"], unique=False)
    op.create_index(op.f("ix_designate_events_workspace_id"), "designate_events", ["workspace_id"], unique=False)


def downgrade() -> None:
    """Take the tables away."""
    op.drop_index(op.f("ix_designate_events_workspace_id"), table_name="designate_events")
    op.drop_index(op.f("ix_designate_events_case_id"), table_name="designate_events")
    op.drop_table("designate_events")
    op.drop_index(op.f("ix_designate_deliveries_webhook_id"), table_name="designate_deliveries")
    op.drop_index(op.f("ix_designate_deliveries_status_due"), table_name="designate_deliveries")
    op.drop_table("designate_deliveries")
    op.drop_index(op.f("ix_designate_webhooks_workspace_id"), table_name="designate_webhooks")
    op.drop_table("designate_webhooks")
    op.drop_index(op.f("ix_designate_schedules_workspace_id"), table_name="designate_schedules")
    op.drop_index(op.f("ix_designate_schedules_next_run"), table_name="designate_schedules")
    op.drop_table("designate_schedules")
