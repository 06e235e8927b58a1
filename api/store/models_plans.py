"""Plans: the job, the result, the states, and what is made from plans."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import PREFIX, Base, Id, Owned
from api.store.types import PackedBytes, PackedJson

__all__ = [
    "Artifact",
    "Baseline",
    "Comparison",
    "Evaluation",
    "Incumbent",
    "Plan",
    "PlanResult",
    "PlanState",
    "ProgressPoint",
    "Worker",
]

_REVISION = [f"{PREFIX}revisions.case_id", f"{PREFIX}revisions.number"]


class Plan(Owned, Base):
    """One run on one revision. Job status, solution status and plan state are three facts.

    ``dispatch`` numbers the jobs put into the queue for this plan, only the latest is valid;
    ``fence`` rises with every claim by a worker, and only the holder of the latest may write.
    """

    __tablename__ = f"{PREFIX}plans"
    __table_args__ = (
        CheckConstraint("job_status IN ('queued','running','succeeded','failed','cancelled')", name="job_status"),
        CheckConstraint("state IN ('draft','submitted','approved','rejected','applied','superseded')", name="state"),
        ForeignKeyConstraint(["case_id", "revision"], _REVISION),
        Index(None, "workspace_id", "job_status"),
        Index(None, "job_status", "worker_id"),
        Index(None, "case_id", "revision"),
        Index(None, "place", sqlite_where=text("started IS NOT NULL"), postgresql_where=text("started IS NOT NULL")),
    )

    case_id: Mapped[str] = mapped_column(Id)
    revision: Mapped[int]
    name: Mapped[str] = mapped_column(String(200), default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    purpose: Mapped[str] = mapped_column(String(32), default="solve")
    start_plan_id: Mapped[str | None] = mapped_column(Id)
    baseline_id: Mapped[str | None] = mapped_column(Id)
    event_id: Mapped[str | None] = mapped_column(Id)
    priority: Mapped[int] = mapped_column(default=5)
    place: Mapped[int] = mapped_column(default=0, server_default="0")
    """Where it stands in the queue that all workspaces share; it keeps it, however often it is tried."""

    job_status: Mapped[str] = mapped_column(String(16), default="queued")
    dispatch: Mapped[int] = mapped_column(default=1)
    dispatched: Mapped[datetime]
    fence: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=3)
    worker_id: Mapped[str | None] = mapped_column(String(120))
    started: Mapped[datetime | None]
    solving: Mapped[datetime | None]
    stopped: Mapped[datetime | None]
    finished: Mapped[datetime | None]
    cancel_requested: Mapped[datetime | None]
    dead: Mapped[bool] = mapped_column(default=False)
    error_code: Mapped[str] = mapped_column(String(64), default="")
    error_detail: Mapped[str] = mapped_column(Text, default="")

    solution: Mapped[str | None] = mapped_column(String(16))
    stopped_by: Mapped[str | None] = mapped_column(String(16))
    objective: Mapped[float | None]
    best_bound: Mapped[float | None]
    gap_abs: Mapped[float | None]
    gap_rel: Mapped[float | None]
    savings_annual: Mapped[float | None]
    verified: Mapped[bool | None]

    state: Mapped[str] = mapped_column(String(16), default="draft")
    state_version: Mapped[int] = mapped_column(default=1)
    archived: Mapped[datetime | None]
    removed: Mapped[datetime | None]
    """When its document went, having been kept as long as agreed."""
    removed_hash: Mapped[str | None] = mapped_column(String(64))
    """Hash of that document: it still tells a copy from a forgery."""
    trace: Mapped[str | None] = mapped_column(String(64))
    """W3C ``traceparent`` of the request that made the job."""


class PlanResult(Base):
    """The plan document; one a plan, written once under the fence that made it."""

    __tablename__ = f"{PREFIX}plan_results"

    plan_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}plans.id", ondelete="CASCADE"), primary_key=True)
    fence: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    document: Mapped[bytes] = mapped_column(PackedBytes)
    created: Mapped[datetime]


class PlanState(Base):
    """One step from state to state: who, when, why."""

    __tablename__ = f"{PREFIX}plan_states"

    plan_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}plans.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    comment: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(Id)


class ProgressPoint(Base):
    """Incumbent, bound and gap at a moment of the solve."""

    __tablename__ = f"{PREFIX}plan_progress"

    plan_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}plans.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    fence: Mapped[int]
    at: Mapped[datetime]
    elapsed_s: Mapped[float]
    incumbent: Mapped[float | None]
    bound: Mapped[float | None]
    phase: Mapped[str] = mapped_column(String(100), default="")


class Incumbent(Base):
    """The best plan a running solve holds, so that it survives the loss of worker or solver."""

    __tablename__ = f"{PREFIX}plan_incumbents"

    plan_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}plans.id", ondelete="CASCADE"), primary_key=True)
    fence: Mapped[int]
    objective: Mapped[float]
    bound: Mapped[float | None]
    rows: Mapped[Any] = mapped_column(PackedJson)
    at: Mapped[datetime]


class Artifact(Base):
    """Something made from a result once and kept: report, workbook."""

    __tablename__ = f"{PREFIX}artifacts"

    plan_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}plans.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(PackedBytes)
    created: Mapped[datetime]


class Worker(Base):
    """A process that solves. ``beat`` rises while it lives; nobody reads its clock."""

    __tablename__ = f"{PREFIX}workers"

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    process_started: Mapped[float]
    contract: Mapped[str] = mapped_column(String(64))
    beat: Mapped[int] = mapped_column(default=0)
    started: Mapped[datetime]
    seen: Mapped[datetime]
    stopped: Mapped[datetime | None]


class Baseline(Owned, Base):
    """A frozen, hashed, named picture of today, which savings refer to."""

    __tablename__ = f"{PREFIX}baselines"
    __table_args__ = (
        UniqueConstraint("workspace_id", "name"),
        ForeignKeyConstraint(["case_id", "revision"], _REVISION),
    )

    name: Mapped[str] = mapped_column(String(200))
    case_id: Mapped[str] = mapped_column(Id)
    revision: Mapped[int]
    plan_id: Mapped[str | None] = mapped_column(Id)
    content_hash: Mapped[str] = mapped_column(String(64))
    document: Mapped[Any] = mapped_column(PackedJson)


class Comparison(Owned, Base):
    """Two plans: what moved, what it costs, why."""

    __tablename__ = f"{PREFIX}comparisons"

    first_plan_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}plans.id"), index=True)
    second_plan_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}plans.id"), index=True)
    event_id: Mapped[str | None] = mapped_column(Id)
    document: Mapped[Any] = mapped_column(PackedJson)


class Evaluation(Owned, Base):
    """A hand-made list of assignments, priced and checked."""

    __tablename__ = f"{PREFIX}evaluations"
    __table_args__ = (ForeignKeyConstraint(["case_id", "revision"], _REVISION),)

    case_id: Mapped[str] = mapped_column(Id)
    revision: Mapped[int]
    name: Mapped[str] = mapped_column(String(200), default="")
    solution: Mapped[str] = mapped_column(String(16))
    objective: Mapped[float | None]
    content_hash: Mapped[str] = mapped_column(String(64))
    document: Mapped[bytes] = mapped_column(PackedBytes)
