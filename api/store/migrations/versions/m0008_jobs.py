"""Jobs apart from plans; studies.

Until here a plan was its own job, and so was a hand-made list that a job had to price. Every plan gets a job of its
own, with the same number; the points of a re-optimisation get that of the plan that was made with them. Hand-made lists
that nobody used as a plan are evaluations alone, priced or waiting.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from api.store.migrations.tables0008 import ID, JSON, MOVED, STARTED, STATUS, make_jobs, make_parts, make_studies

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


KEPT = ("id", "workspace_id", "created", "created_by", "case_id", "revision", "options")
PROGRESS = ("number", "fence", "at", "elapsed_s", "incumbent", "bound", "phase")
INCUMBENT = ("fence", "objective", "bound", "rows", "at")

JOBS = sa.table("designate_jobs", sa.column("id"), sa.column("question", sa.LargeBinary()))
ARTIFACTS = sa.table(
    "designate_artifacts",
    *(sa.column(c) for c in ("plan_id", "name", "content_hash", "media_type", "content", "created")),
)
HAND_MADE, CURVE = "assignments.json", "curve.json"


def upgrade() -> None:
    """Make the tables; give every plan its job; take what is its job's out of plans."""
    make_jobs()
    make_studies()
    _jobs_of_plans()
    make_parts("job")
    for table, columns in (("progress", PROGRESS), ("incumbents", INCUMBENT)):
        told = ", ".join(columns)
        op.execute(
            f"INSERT INTO designate_job_{table} (job_id, {told})"
            f" SELECT 'job_' || substr(plan_id, 5), {told} FROM designate_plan_{table}"
            " WHERE 'job_' || substr(plan_id, 5) IN (SELECT id FROM designate_jobs)"
        )
        op.drop_table(f"designate_plan_{table}")
    _evaluations_alone()
    for name in ("workspace_id_job_status", "job_status_worker_id", "place"):
        op.drop_index(op.f(f"ix_designate_plans_{name}"), table_name="designate_plans")
    with op.batch_alter_table("designate_plans") as plans:
        plans.drop_constraint(op.f("ck_designate_plans_job_status"), type_="check")
        for name in (*(m[0] for m in MOVED), "purpose"):
            plans.drop_column(name)
        plans.alter_column("job_id", existing_type=ID, nullable=False)
        plans.create_foreign_key(op.f("fk_designate_plans_job_id"), "designate_jobs", ["job_id"], ["id"])
        plans.create_index(op.f("ix_designate_plans_job_id"), ["job_id"])


def downgrade() -> None:
    """Put jobs back into plans. Studies are lost; lists that wait to be priced become plans again."""
    op.drop_index(op.f("ix_designate_plans_job_id"), table_name="designate_plans")
    with op.batch_alter_table("designate_plans") as plans:
        plans.drop_constraint(op.f("fk_designate_plans_job_id"), type_="foreignkey")
        plans.add_column(sa.Column("purpose", sa.String(length=32), nullable=False, server_default="solve"))
        for name, _, kind, nullable, value in MOVED:
            text = sa.false() if name == "dead" else None if value is None else sa.text(value)
            plans.add_column(sa.Column(name, kind, nullable=nullable, server_default=text))
    _plans_of_evaluations()
    _plans_as_jobs()
    with op.batch_alter_table("designate_plans") as plans:
        plans.drop_column("job_id")
        for name, _, kind, nullable, value in MOVED:
            if (value is not None or name == "dead") and name != "place":
                plans.alter_column(name, existing_type=kind, existing_nullable=nullable, server_default=None)
        plans.alter_column("purpose", existing_type=sa.String(length=32), existing_nullable=False, server_default=None)
        plans.create_check_constraint(op.f("ck_designate_plans_job_status"), f"job_status {STATUS}")
        plans.create_index(op.f("ix_designate_plans_workspace_id_job_status"), ["workspace_id", "job_status"])
        plans.create_index(op.f("ix_designate_plans_job_status_worker_id"), ["job_status", "worker_id"])
    place = op.f("ix_designate_plans_place")
    op.create_index(place, "designate_plans", ["place"], sqlite_where=STARTED, postgresql_where=STARTED)
    make_parts("plan")
    for table, columns in (("progress", PROGRESS), ("incumbents", INCUMBENT)):
        told = ", ".join(columns)
        op.execute(
            f"INSERT INTO designate_plan_{table} (plan_id, {told}) SELECT j.subject, {_of('p', columns)}"
            f" FROM designate_job_{table} AS p JOIN designate_jobs AS j ON j.id = p.job_id"
            " WHERE j.subject IN (SELECT id FROM designate_plans)"
        )
        op.drop_table(f"designate_job_{table}")
    for table in ("study_plans", "study_answers", "study_points", "studies"):
        op.drop_table(f"designate_{table}")
    op.drop_table("designate_jobs")


def _of(table: str, columns: tuple[str, ...]) -> str:
    return ", ".join(f"{table}.{c}" for c in columns)


def _packed(value: Any) -> bytes:
    return zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def _artifacts(name: str) -> Iterator[tuple[str, Any]]:
    """Artifacts of a name, by plan, as JSON."""
    bind = op.get_bind()
    query = sa.select(ARTIFACTS.c.plan_id).where(ARTIFACTS.c.name == name)
    for plan_id in list(bind.scalars(query)):
        content: Any = bind.scalar(
            sa.select(ARTIFACTS.c.content).where(ARTIFACTS.c.name == name, ARTIFACTS.c.plan_id == plan_id)
        )
        yield plan_id, json.loads(zlib.decompress(bytes(content)))


def _jobs_of_plans() -> None:
    """A job for every plan, but for points of re-optimisations whose plan is known: they share its job."""
    op.add_column("designate_plans", sa.Column("job_id", ID, nullable=True))
    bind = op.get_bind()
    of_point = sa.text("UPDATE designate_plans SET job_id = :job WHERE id = :plan AND purpose = 'reoptimise_point'")
    for plan_id, curve in _artifacts(CURVE):
        for point in curve["points"]:
            if point["plan"] != plan_id:
                bind.execute(of_point, {"job": f"job_{plan_id[4:]}", "plan": point["plan"]})
    moved = ", ".join(name for _, name, *_ in MOVED)
    op.execute(
        sa.text(
            f"INSERT INTO designate_jobs (id, {', '.join(KEPT[1:])}, plan_id, {moved}, kind, subject, question)"
            f" SELECT 'job_' || substr(id, 5), {', '.join(KEPT[1:])}, start_plan_id, {', '.join(m[0] for m in MOVED)},"
            " CASE purpose WHEN 'reoptimise_point' THEN 'reoptimise' ELSE purpose END,"
            " CASE purpose WHEN 'evaluate' THEN 'evl_' || substr(id, 5) ELSE id END, :nothing"
            " FROM designate_plans WHERE job_id IS NULL"
        ).bindparams(sa.bindparam("nothing", _packed({}), sa.LargeBinary()))
    )
    op.execute("UPDATE designate_plans SET job_id = 'job_' || substr(id, 5) WHERE job_id IS NULL")
    options = sa.table("designate_plans", sa.column("id"), sa.column("purpose"), sa.column("options", JSON))
    asked = sa.select(options.c.id, options.c.options).where(options.c.purpose == "reoptimise")
    for row in bind.execute(asked).all():
        _ask(row.id, {"budgets": row.options.get("budgets", [0])})
    for plan_id, rows in _artifacts(HAND_MADE):
        _ask(plan_id, {"rows": rows})


def _ask(plan_id: str, question: dict[str, Any]) -> None:
    job = JOBS.c.id == f"job_{plan_id[4:]}"
    op.get_bind().execute(sa.update(JOBS).where(job).values(question=_packed(question)))


def _evaluations_alone() -> None:
    """Hand-made lists have rows of their own from the start; the plans that stood for them go, where none was used."""
    with op.batch_alter_table("designate_evaluations") as evaluations:
        evaluations.add_column(sa.Column("job_id", ID, nullable=True))
        for name, kind in (
            ("solution", sa.String(length=16)),
            ("content_hash", sa.String(length=64)),
            ("document", sa.LargeBinary()),
        ):
            evaluations.alter_column(name, existing_type=kind, nullable=True)
        evaluations.create_foreign_key(op.f("fk_designate_evaluations_job_id"), "designate_jobs", ["job_id"], ["id"])
        evaluations.create_index(op.f("ix_designate_evaluations_job_id"), ["job_id"])
    op.execute(
        "UPDATE designate_evaluations SET job_id = 'job_' || substr(id, 5)"
        " WHERE 'job_' || substr(id, 5) IN (SELECT id FROM designate_jobs WHERE kind = 'evaluate')"
    )
    op.execute(
        "INSERT INTO designate_evaluations (id, workspace_id, created, created_by, case_id, revision, name, job_id)"
        " SELECT 'evl_' || substr(id, 5), workspace_id, created, created_by, case_id, revision, name, job_id"
        " FROM designate_plans WHERE purpose = 'evaluate'"
        " AND 'evl_' || substr(id, 5) NOT IN (SELECT id FROM designate_evaluations)"
    )
    unused = (
        "purpose = 'evaluate' AND state_version = 1"
        " AND id NOT IN (SELECT first_plan_id FROM designate_comparisons)"
        " AND id NOT IN (SELECT second_plan_id FROM designate_comparisons)"
        " AND id NOT IN (SELECT plan_id FROM designate_baselines WHERE plan_id IS NOT NULL)"
        " AND id NOT IN (SELECT plan_id FROM designate_decisions WHERE plan_id IS NOT NULL)"
        " AND id NOT IN (SELECT start_plan_id FROM designate_plans WHERE start_plan_id IS NOT NULL)"
    )
    for part in ("plan_results", "plan_states", "artifacts"):  # where references are not enforced meanwhile
        op.execute(f"DELETE FROM designate_{part} WHERE plan_id IN (SELECT id FROM designate_plans WHERE {unused})")
    op.execute(f"DELETE FROM designate_plans WHERE {unused}")
    op.execute(sa.delete(ARTIFACTS).where(ARTIFACTS.c.name == HAND_MADE))


def _plans_as_jobs() -> None:
    """Every plan is its own job again; points of a re-optimisation, as ended with it."""
    values = ", ".join(
        f"{mine} = (SELECT {its} FROM designate_jobs AS j WHERE j.id = designate_plans.job_id)"
        for mine, its, *_ in MOVED
    )
    own = "(SELECT subject FROM designate_jobs AS j WHERE j.id = designate_plans.job_id)"
    kind = "(SELECT kind FROM designate_jobs AS j WHERE j.id = designate_plans.job_id)"
    op.execute(
        f"UPDATE designate_plans SET {values}, purpose = CASE WHEN {kind} = 'study' THEN 'solve'"
        f" WHEN {kind} = 'reoptimise' AND {own} <> id THEN 'reoptimise_point' ELSE {kind} END"
    )


def _plans_of_evaluations() -> None:
    """Lists that are not priced become plans with the list beside, and stop being evaluations."""
    kept = ", ".join(KEPT[1:])
    waiting = (
        "j.kind = 'evaluate' AND 'pln_' || substr(j.id, 5) NOT IN (SELECT id FROM designate_plans)"
        " AND e.document IS NULL"
    )
    joined = f"designate_jobs AS j JOIN designate_evaluations AS e ON e.id = j.subject WHERE {waiting}"
    bind = op.get_bind()
    rows = bind.execute(sa.text(f"SELECT j.id, j.question, j.created FROM {joined}")).all()
    op.execute(
        sa.text(
            f"INSERT INTO designate_plans (id, {kept}, name, tags, state, state_version, job_id)"
            f" SELECT 'pln_' || substr(j.id, 5), {_of('j', KEPT[1:])}, e.name, {_json('[]')}, 'draft', 1, j.id"
            f" FROM {joined}"
        )
    )
    op.execute(
        "INSERT INTO designate_plan_states (plan_id, number, state, comment, at, by)"
        " SELECT id, 1, 'draft', '', created, created_by FROM designate_plans"
        " WHERE id NOT IN (SELECT plan_id FROM designate_plan_states)"
    )
    for row in rows:
        question = json.loads(zlib.decompress(bytes(row.question)))
        made = {
            "plan_id": f"pln_{row.id[4:]}",
            "name": HAND_MADE,
            "content_hash": "",
            "media_type": "application/json",
            "content": _packed(question.get("rows", [])),
            "created": row.created,
        }
        bind.execute(sa.insert(ARTIFACTS).values(made))
    op.execute("DELETE FROM designate_evaluations WHERE document IS NULL")
    op.drop_index(op.f("ix_designate_evaluations_job_id"), table_name="designate_evaluations")
    with op.batch_alter_table("designate_evaluations") as evaluations:
        evaluations.drop_constraint(op.f("fk_designate_evaluations_job_id"), type_="foreignkey")
        evaluations.drop_column("job_id")
        for name, kind in (
            ("solution", sa.String(length=16)),
            ("content_hash", sa.String(length=64)),
            ("document", sa.LargeBinary()),
        ):
            evaluations.alter_column(name, existing_type=kind, nullable=False)


def _json(text: str) -> str:
    return f"CAST('{text}' AS jsonb)" if op.get_bind().dialect.name == "postgresql" else f"'{text}'"
