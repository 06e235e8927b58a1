"""Price lists and ledgers; jobs and studies that are about no case of the workspace."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
TIME = sa.DateTime(timezone=True)
ID = sa.String(length=40)
HASH = sa.String(length=64)


def upgrade() -> None:
    """Make the tables; a job may have no case."""
    _price_lists()
    _ledgers()
    for table in ("designate_jobs", "designate_studies"):
        _about_a_case(table, needed=False)


def downgrade() -> None:
    """Forget price lists and ledgers, and jobs about no case with what they made."""
    for table in ("ledger_entries", "ledgers", "price_lists"):
        op.drop_table(f"designate_{table}")
    lone = "(SELECT id FROM designate_studies WHERE case_id IS NULL)"
    for part in ("study_points", "study_answers", "study_plans"):
        op.execute(f"DELETE FROM designate_{part} WHERE study_id IN {lone}")
    op.execute("DELETE FROM designate_studies WHERE case_id IS NULL")
    jobs = "(SELECT id FROM designate_jobs WHERE case_id IS NULL)"
    for part in ("job_progress", "job_incumbents"):
        op.execute(f"DELETE FROM designate_{part} WHERE job_id IN {jobs}")
    op.execute("DELETE FROM designate_jobs WHERE case_id IS NULL")
    for table in ("designate_studies", "designate_jobs"):
        _about_a_case(table, needed=True)


def _about_a_case(table: str, *, needed: bool) -> None:
    with op.batch_alter_table(table) as held:
        held.alter_column("case_id", existing_type=ID, nullable=not needed)
        held.alter_column("revision", existing_type=sa.Integer(), nullable=not needed)


def _owned(table: str) -> list[sa.schema.SchemaItem]:
    """What every thing of a workspace has."""
    return [
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("created_by", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["designate_workspaces.id"], name=op.f(f"fk_{table}_workspace_id"), ondelete="RESTRICT"
        ),
    ]


def _price_lists() -> None:
    table = "designate_price_lists"
    op.create_table(
        table,
        *_owned(table),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("previous_id", ID, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=16), nullable=False),
        sa.Column("terms", JSON, nullable=False),
        sa.Column("content_hash", HASH, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("statements", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["designate_plans.id"], name=op.f(f"fk_{table}_plan_id")),
        sa.ForeignKeyConstraint(
            ["case_id", "revision"],
            ["designate_revisions.case_id", "designate_revisions.number"],
            name=op.f(f"fk_{table}_case_id_revision"),
        ),
    )
    for columns in (["workspace_id"], ["plan_id"], ["case_id", "revision"]):
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)


def _ledgers() -> None:
    table = "designate_ledgers"
    op.create_table(
        table,
        *_owned(table),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=16), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("head", HASH, nullable=False),
        sa.Column("changed", TIME, nullable=False),
        sa.UniqueConstraint("workspace_id", "name", name=op.f(f"uq_{table}_workspace_id_name")),
    )
    op.create_index(op.f(f"ix_{table}_workspace_id"), table, ["workspace_id"])
    table = "designate_ledger_entries"
    op.create_table(
        table,
        sa.Column("ledger_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("author", ID, nullable=False),
        sa.Column("replaces", ID, nullable=True),
        sa.Column("hash", HASH, nullable=False),
        sa.Column("plan_id", ID, nullable=True),
        sa.Column("file_hash", HASH, nullable=True),
        sa.Column("about", JSON, nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("ledger_id", "number", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["ledger_id"], ["designate_ledgers.id"], name=op.f(f"fk_{table}_ledger_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("ledger_id", "entry_id", name=op.f(f"uq_{table}_ledger_id_entry_id")),
    )
