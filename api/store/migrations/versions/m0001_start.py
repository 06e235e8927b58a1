"""Workspaces, keys, audit log, cases, validations, decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, and what belongs to them."""
    op.create_table(
        "designate_audit",
        sa.Column("number", BIG, autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_designate_audit")),
    )
    op.create_index(
        op.f("ix_designate_audit_workspace_id_number"), "designate_audit", ["workspace_id", "number"], unique=False
    )
    op.create_table(
        "designate_workspaces",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designate_workspaces")),
        sa.UniqueConstraint("name", name=op.f("uq_designate_workspaces_name")),
    )
    op.create_table(
        "designate_api_keys",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("scopes", JSON, nullable=True),
        sa.Column("system", sa.Boolean(), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "role IN ('viewer','planner','approver','operator','admin')", name=op.f("ck_designate_api_keys_role")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["designate_workspaces.id"],
            name=op.f("fk_designate_api_keys_workspace_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designate_api_keys")),
    )
    op.create_index(op.f("ix_designate_api_keys_workspace_id"), "designate_api_keys", ["workspace_id"], unique=False)
    op.create_table(
        "designate_cases",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("archived", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["designate_workspaces.id"],
            name=op.f("fk_designate_cases_workspace_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designate_cases")),
    )
    op.create_index(op.f("ix_designate_cases_workspace_id"), "designate_cases", ["workspace_id"], unique=False)
    op.create_table(
        "designate_idempotency",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["designate_workspaces.id"], name=op.f("fk_designate_idempotency_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designate_idempotency")),
        sa.UniqueConstraint(
            "workspace_id", "actor", "key", name=op.f("uq_designate_idempotency_workspace_id_actor_key")
        ),
    )
    op.create_index(op.f("ix_designate_idempotency_created"), "designate_idempotency", ["created"], unique=False)
    op.create_table(
        "designate_validations",
        sa.Column("case_id", sa.String(length=40), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("summary", JSON, nullable=False),
        sa.Column("issues", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["designate_workspaces.id"],
            name=op.f("fk_designate_validations_workspace_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designate_validations")),
    )
    op.create_index(
        op.f("ix_designate_validations_workspace_id"), "designate_validations", ["workspace_id"], unique=False
    )
    op.create_table(
        "designate_decisions",
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("entity", sa.String(length=200), nullable=False),
        sa.Column("service", sa.String(length=200), nullable=False),
        sa.Column("provider", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("plan_id", sa.String(length=40), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("withdrawn", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint("action IN ('lock','forbid','override')", name=op.f("ck_designate_decisions_action")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["designate_cases.id"], name=op.f("fk_designate_decisions_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["designate_workspaces.id"],
            name=op.f("fk_designate_decisions_workspace_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designate_decisions")),
    )
    op.create_index(op.f("ix_designate_decisions_case_id"), "designate_decisions", ["case_id"], unique=False)
    op.create_index(op.f("ix_designate_decisions_workspace_id"), "designate_decisions", ["workspace_id"], unique=False)
    op.create_table(
        "designate_revisions",
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("tables", sa.LargeBinary(), nullable=False),
        sa.Column("patch", sa.LargeBinary(), nullable=True),
        sa.Column("upload", sa.LargeBinary(), nullable=True),
        sa.Column("upload_name", sa.String(length=200), nullable=False),
        sa.Column("upload_type", sa.String(length=100), nullable=False),
        sa.Column("summary", JSON, nullable=False),
        sa.Column("issues", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["designate_cases.id"], name=op.f("fk_designate_revisions_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_designate_revisions")),
    )
    op.create_index(op.f("ix_designate_revisions_content_hash"), "designate_revisions", ["content_hash"], unique=False)
    _protect_audit()


def downgrade() -> None:
    """Take all tables away, and the triggers with them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER designate_audit_append_only ON designate_audit")
        op.execute("DROP FUNCTION designate_audit_refuse()")
    op.drop_index(op.f("ix_designate_revisions_content_hash"), table_name="designate_revisions")
    op.drop_table("designate_revisions")
    op.drop_index(op.f("ix_designate_decisions_workspace_id"), table_name="designate_decisions")
    op.drop_index(op.f("ix_designate_decisions_case_id"), table_name="designate_decisions")
    op.drop_table("designate_decisions")
    op.drop_index(op.f("ix_designate_validations_workspace_id"), table_name="designate_validations")
    op.drop_table("designate_validations")
    op.drop_index(op.f("ix_designate_idempotency_created"), table_name="designate_idempotency")
    op.drop_table("designate_idempotency")
    op.drop_index(op.f("ix_designate_cases_workspace_id"), table_name="designate_cases")
    op.drop_table("designate_cases")
    op.drop_index(op.f("ix_designate_api_keys_workspace_id"), table_name="designate_api_keys")
    op.drop_table("designate_api_keys")
    op.drop_table("designate_workspaces")
    op.drop_index(op.f("ix_designate_audit_workspace_id_number"), table_name="designate_audit")
    op.drop_table("designate_audit")


def _protect_audit() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION designate_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER designate_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON designate_audit"
            " FOR EACH STATEMENT EXECUTE FUNCTION designate_audit_refuse()"
        )
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER designate_audit_no_{event.lower()} BEFORE {event} ON designate_audit"
            " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        )
