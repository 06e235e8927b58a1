"""Plans, their results and progress, workers, what is made from plans."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Make the tables, and what belongs to them."""
    op.create_table(
        "designate_workers",
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("process_started", sa.Double(), nullable=False),
        sa.Column("contract", sa.String(length=64), nullable=False),
        sa.Column("beat", sa.Integer(), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designate_workers")),
    )
    op.create_table(
        "designate_baselines",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.String(length=40), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id", "revision"],
            ["designate_revisions.case_id", "designate_revisions.number"],
            name=op.f("fk_designate_baselines_case_id_revision"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["designate_workspaces.id"],
            name=op.f("fk_designate_baselines_workspace_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designate_baselines")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_designate_baselines_workspace_id_name")),
    )
    op.create_index(op.f("ix_designate_baselines_workspace_id"), "designate_baselines", ["workspace_id"], unique=False)
    op.create_table(
        "designate_evaluations",
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("solution", sa.String(length=16), nullable=False),
        sa.Column("objective", sa.Double(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id", "revision"],
            ["designate_revisions.case_id", "designate_revisions.number"],
            name=op.f("fk_designate_evaluations_case_id_revision"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["designate_workspaces.id"],
            name=op.f("fk_designate_evaluations_workspace_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designate_evaluations")),
    )
    op.create_index(
        op.f("ix_designate_evaluations_workspace_id"), "designate_evaluations", ["workspace_id"], unique=False
    )
    op.create_table(
        "designate_plans",
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("start_plan_id", sa.String(length=40), nullable=True),
        sa.Column("baseline_id", sa.String(length=40), nullable=True),
        sa.Column("event_id", sa.String(length=40), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("job_status", sa.String(length=16), nullable=False),
        sa.Column("dispatch", sa.Integer(), nullable=False),
        sa.Column("dispatched", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.String(length=120), nullable=True),
        sa.Column("started", sa.DateTime(timezone=True), nullable=True),
        sa.Column("solving", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead", sa.Boolean(), nullable=False),
        sa.Column("error_code", sa.String(length=64), nullable=False),
        sa.Column("error_detail", sa.Text(), nullable=False),
        sa.Column("solution", sa.String(length=16), nullable=True),
        sa.Column("stopped_by", sa.String(length=16), nullable=True),
        sa.Column("objective", sa.Double(), nullable=True),
        sa.Column("best_bound", sa.Double(), nullable=True),
        sa.Column("gap_abs", sa.Double(), nullable=True),
        sa.Column("gap_rel", sa.Double(), nullable=True),
        sa.Column("savings_annual", sa.Double(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "job_status IN ('queued','running','succeeded','failed','cancelled')",
            name=op.f("ck_designate_plans_job_status"),
        ),
        sa.CheckConstraint(
            "state IN ('draft','submitted','approved','rejected','applied','superseded')",
            name=op.f("ck_designate_plans_state"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "revision"],
            ["designate_revisions.case_id", "designate_revisions.number"],
            name=op.f("fk_designate_plans_case_id_revision"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["designate_workspaces.id"],
            name=op.f("fk_designate_plans_workspace_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designate_plans")),
    )
    op.create_index(
        op.f("ix_designate_plans_case_id_revision"), "designate_plans", ["case_id", "revision"], unique=False
    )
    op.create_index(
        op.f("ix_designate_plans_job_status_worker_id"), "designate_plans", ["job_status", "worker_id"], unique=False
    )
    op.create_index(op.f("ix_designate_plans_workspace_id"), "designate_plans", ["workspace_id"], unique=False)
    op.create_index(
        op.f("ix_designate_plans_workspace_id_job_status"),
        "designate_plans",
        ["workspace_id", "job_status"],
        unique=False,
    )
    op.create_table(
        "designate_artifacts",
        sa.Column("plan_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["designate_plans.id"], name=op.f("fk_designate_artifacts_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("plan_id", "name", name=op.f("pk_designate_artifacts")),
    )
    op.create_table(
        "designate_comparisons",
        sa.Column("first_plan_id", sa.String(length=40), nullable=False),
        sa.Column("second_plan_id", sa.String(length=40), nullable=False),
        sa.Column("event_id", sa.String(length=40), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_plan_id"], ["designate_plans.id"], name=op.f("fk_designate_comparisons_first_plan_id")
        ),
        sa.ForeignKeyConstraint(
            ["second_plan_id"], ["designate_plans.id"], name=op.f("fk_designate_comparisons_second_plan_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["designate_workspaces.id"],
            name=op.f("fk_designate_comparisons_workspace_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designate_comparisons")),
    )
    op.create_index(
        op.f("ix_designate_comparisons_first_plan_id"), "designate_comparisons", ["first_plan_id"], unique=False
    )
    op.create_index(
        op.f("ix_designate_comparisons_second_plan_id"), "designate_comparisons", ["second_plan_id"], unique=False
    )
    op.create_index(
        op.f("ix_designate_comparisons_workspace_id"), "designate_comparisons", ["workspace_id"], unique=False
    )
    op.create_table(
        "designate_plan_incumbents",
        sa.Column("plan_id", sa.String(length=40), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("objective", sa.Double(), nullable=False),
        sa.Column("bound", sa.Double(), nullable=True),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["designate_plans.id"], name=op.f("fk_designate_plan_incumbents_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_designate_plan_incumbents")),
    )
    op.create_table(
        "designate_plan_progress",
        sa.Column("plan_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("elapsed_s", sa.Double(), nullable=False),
        sa.Column("incumbent", sa.Double(), nullable=True),
        sa.Column("bound", sa.Double(), nullable=True),
        sa.Column("phase", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["designate_plans.id"], name=op.f("fk_designate_plan_progress_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("plan_id", "number", name=op.f("pk_designate_plan_progress")),
    )
    op.create_table(
        "designate_plan_results",
        sa.Column("plan_id", sa.String(length=40), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["designate_plans.id"], name=op.f("fk_designate_plan_results_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_designate_plan_results")),
    )
    op.create_table(
        "designate_plan_states",
        sa.Column("plan_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["designate_plans.id"], name=op.f("fk_designate_plan_states_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("plan_id", "number", name=op.f("pk_designate_plan_states")),
    )


def downgrade() -> None:
    """Take the tables away."""
    op.drop_table("designate_plan_states")
    op.drop_table("designate_plan_results")
    op.drop_table("designate_plan_progress")
    op.drop_table("designate_plan_incumbents")
    op.drop_index(op.f("ix_designate_comparisons_workspace_id"), table_name="designate_comparisons")
    op.drop_index(op.f("ix_designate_comparisons_second_plan_id"), table_name="designate_comparisons")
    op.drop_index(op.f("ix_designate_comparisons_first_plan_id"), table_name="designate_comparisons")
    op.drop_table("designate_comparisons")
    op.drop_table("designate_artifacts")
    op.drop_index(op.f("ix_designate_plans_workspace_id_job_status"), table_name="designate_plans")
    op.drop_index(op.f("ix_designate_plans_workspace_id"), table_name="designate_plans")
    op.drop_index(op.f("ix_designate_plans_job_status_worker_id"), table_name="designate_plans")
    op.drop_index(op.f("ix_designate_plans_case_id_revision"), table_name="designate_plans")
    op.drop_table("designate_plans")
    op.drop_index(op.f("ix_designate_evaluations_workspace_id"), table_name="designate_evaluations")
    op.drop_table("designate_evaluations")
    op.drop_index(op.f("ix_designate_baselines_workspace_id"), table_name="designate_baselines")
    op.drop_table("designate_baselines")
    op.drop_table("designate_workers")
