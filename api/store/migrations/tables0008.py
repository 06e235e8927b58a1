"""Tables of migration 0008, as it makes them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

__all__ = ["ID", "JSON", "MOVED", "STARTED", "STATUS", "make_jobs", "make_parts", "make_studies"]

JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
TIME = sa.DateTime(timezone=True)
ID = sa.String(length=40)
STARTED = sa.text("started IS NOT NULL")
STATUS = "IN ('queued','running','succeeded','failed','cancelled')"

MOVED: tuple[tuple[str, str, Any, bool, Any], ...] = (
    # column of a plan, column of its job, type, nullable, value where it is made anew
    ("priority", "priority", sa.Integer(), False, "5"),
    ("place", "place", sa.Integer(), False, "0"),
    ("job_status", "status", sa.String(length=16), False, "'queued'"),
    ("dispatch", "dispatch", sa.Integer(), False, "1"),
    ("dispatched", "dispatched", TIME, False, "'2000-01-01 00:00:00+00:00'"),
    ("fence", "fence", sa.Integer(), False, "0"),
    ("attempts", "attempts", sa.Integer(), False, "0"),
    ("max_attempts", "max_attempts", sa.Integer(), False, "3"),
    ("worker_id", "worker_id", sa.String(length=120), True, None),
    ("started", "started", TIME, True, None),
    ("solving", "solving", TIME, True, None),
    ("stopped", "stopped", TIME, True, None),
    ("finished", "finished", TIME, True, None),
    ("cancel_requested", "cancel_requested", TIME, True, None),
    ("dead", "dead", sa.Boolean(), False, None),
    ("error_code", "error_code", sa.String(length=64), False, "''"),
    ("error_detail", "error_detail", sa.Text(), False, "''"),
    ("trace", "trace", sa.String(length=64), True, None),
)


def _revision(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["case_id", "revision"],
        ["designate_revisions.case_id", "designate_revisions.number"],
        name=op.f(f"fk_{table}_case_id_revision"),
    )


def _owned(table: str) -> list[Any]:
    """Columns and constraints of everything that belongs to a workspace."""
    workspace = sa.ForeignKeyConstraint(
        ["workspace_id"],
        ["designate_workspaces.id"],
        name=op.f(f"fk_{table}_workspace_id"),
        ondelete="RESTRICT",
    )
    columns = (("id", ID), ("workspace_id", ID), ("created", TIME), ("created_by", ID))
    key = sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))
    return [*(sa.Column(n, k, nullable=False) for n, k in columns), workspace, key]


def make_jobs() -> None:
    """The table of jobs."""
    table = "designate_jobs"
    op.create_table(
        table,
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("plan_id", ID, nullable=True),
        sa.Column("question", sa.LargeBinary(), nullable=False),
        sa.Column("options", JSON, nullable=False),
        *(sa.Column(name, kind, nullable=nullable) for _, name, kind, nullable, _ in MOVED),
        *_owned(table),
        sa.CheckConstraint(f"status {STATUS}", name=op.f(f"ck_{table}_status")),
        _revision(table),
    )
    singles = ("subject", "plan_id", "workspace_id", "finished")
    pairs = (("workspace_id", "status"), ("status", "worker_id"), ("case_id", "revision"))
    for columns in (*((c,) for c in singles), *pairs):
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))
    op.create_index(op.f(f"ix_{table}_place"), table, ["place"], sqlite_where=STARTED, postgresql_where=STARTED)


def make_studies() -> None:
    """Studies, their points, answers and plans."""
    table = "designate_studies"
    op.create_table(
        table,
        sa.Column("job_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("plan_id", ID, nullable=True),
        sa.Column("question", JSON, nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("points", JSON, nullable=True),
        sa.Column("tables", JSON, nullable=True),
        sa.Column("removed", TIME, nullable=True),
        sa.Column("removed_hash", sa.String(length=64), nullable=True),
        *_owned(table),
        sa.ForeignKeyConstraint(["job_id"], ["designate_jobs.id"], name=op.f(f"fk_{table}_job_id")),
        sa.UniqueConstraint("job_id", name=op.f(f"uq_{table}_job_id")),
        _revision(table),
    )
    op.create_index(op.f(f"ix_{table}_workspace_id"), table, ["workspace_id"])
    op.create_index(op.f(f"ix_{table}_case_id_revision"), table, ["case_id", "revision"])
    _make_part(
        "study_points",
        "studies",
        "study_id",
        True,
        sa.Column("key", sa.String(length=500), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("point", JSON, nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.UniqueConstraint("study_id", "key", name=op.f("uq_designate_study_points_study_id_key")),
    )
    stored = ("content_hash", sa.String(length=64)), ("document", sa.LargeBinary())
    _make_part(
        "study_answers",
        "studies",
        "study_id",
        False,
        sa.Column("fence", sa.Integer(), nullable=False),
        *(sa.Column(n, k, nullable=False) for n, k in stored),
        sa.Column("created", TIME, nullable=False),
    )
    _make_part(
        "study_plans",
        "studies",
        "study_id",
        True,
        *(sa.Column(n, k, nullable=False) for n, k in stored),
        sa.Column("kept_id", ID, nullable=True),
    )


def _make_part(name: str, whole: str, key: str, many: bool, *more: Any) -> None:
    """A table of what hangs on another's rows: one for each, or many by their number."""
    table = f"designate_{name}"
    reference = sa.ForeignKeyConstraint(
        [key], [f"designate_{whole}.id"], name=op.f(f"fk_{table}_{key}"), ondelete="CASCADE"
    )
    keys = [key, "number"] if many else [key]
    op.create_table(
        table,
        sa.Column(key, ID, nullable=False),
        *([sa.Column("number", sa.Integer(), nullable=False)] if many else []),
        *more,
        reference,
        sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{table}")),
    )


def make_parts(whole: str) -> None:
    """Tables of progress and of best plans, of jobs or of plans."""
    _make_part(
        f"{whole}_progress",
        f"{whole}s",
        f"{whole}_id",
        True,
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("elapsed_s", sa.Double(), nullable=False),
        sa.Column("incumbent", sa.Double(), nullable=True),
        sa.Column("bound", sa.Double(), nullable=True),
        sa.Column("phase", sa.String(length=100), nullable=False),
    )
    _make_part(
        f"{whole}_incumbents",
        f"{whole}s",
        f"{whole}_id",
        False,
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("objective", sa.Double(), nullable=False),
        sa.Column("bound", sa.Double(), nullable=True),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.Column("at", TIME, nullable=False),
    )
